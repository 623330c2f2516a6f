{ f = { __functor = self: x: x; }; s = { __toString = self: "x"; }; }
