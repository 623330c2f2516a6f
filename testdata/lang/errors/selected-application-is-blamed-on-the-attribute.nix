# test: stderr
# `x` is an application that has not run when it is put into the set: selecting it runs it at the attribute's position.
builtins.all (s:
  s.x == 1
) (map (x: { inherit x; }) (map (n: throw "none ${toString n}") [ 1 ]))
