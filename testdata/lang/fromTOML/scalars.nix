builtins.fromTOML ''
  int = 42
  neg = -17
  plus = +99
  hex = 0xDEADBEEF
  oct = 0o755
  bin = 0b1101
  under = 1_000_000
  float = 3.14
  exp = 5e+22
  frac = 6.626e-34
  yes = true
  no = false
  str = "text"
''
