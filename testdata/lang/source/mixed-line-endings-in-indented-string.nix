''
  a
  bc
  d
''
