map isNull [ { } [ ] 1 1.5 "" null false /p (x: x) ]
