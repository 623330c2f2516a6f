# test: stderr
let
  a = { };
in
a.b.c or (throw "none")
