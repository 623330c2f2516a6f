''
  one
    two
''
