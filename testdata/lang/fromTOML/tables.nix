builtins.fromTOML ''
  top = 1
  [a]
  x = 1
  [a.b]
  y = 2
  [c."d e".f]
  z = 3
''
