builtins.fromTOML ''
  point = { x = 1, y = { z = "w" } }
  a.b.c = true
  a.b.d = [ 1, 2, [ "n" ], ]
  "quoted key" = 1
  1234 = "bare digits"
  empty = [ ]
''
