builtins.stringLength ''
  a''\r
  b
''
