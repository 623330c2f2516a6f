# Paths are copied to the store after a string only: after a set that stands for one, or for a path, they are text.
let
  text = { __toString = self: "t"; };
  out = { outPath = "o"; };
  path = { outPath = /x; };
in
[
  (text + /a)
  (rec { __overrides = { __toString = self: ""; }; } + /a)
  (out + /a)
  (out + (/a + "b"))
  (path + /a)
  (path + "s")
  (text + out)
  (out + path)
]
