''
  outer ${''
    inner
      more
  ''} end
''
