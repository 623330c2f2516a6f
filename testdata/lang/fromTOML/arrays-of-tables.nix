builtins.fromTOML ''
  [[p]]
  n = "one"
  [[p]]
  n = "two"
  [[p.q]]
  m = 1
  [[p.q]]
  m = 2
''
