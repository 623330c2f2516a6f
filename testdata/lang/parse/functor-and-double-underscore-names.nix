# test: parse
{ __functor = self: x: x; __toString = self: "s"; __overrides = { }; }
