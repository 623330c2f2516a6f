let v = "\n    deep\n"; in ''
  a
  ${v}b
''
