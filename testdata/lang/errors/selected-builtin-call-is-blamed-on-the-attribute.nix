# test: stderr
builtins.all (s:
  s.a.x == 1
) (map (x: { a.x = x; }) (map builtins.head [ [ ] ]))
