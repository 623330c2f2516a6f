# test: stderr
let
  a = { b = { }; };
in
a.b.c or (a.b.d or (throw "none"))
