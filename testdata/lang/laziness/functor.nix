# test: no-strict
{ __functor = self: x: [ x self.n ]; n = 1 + 1; } 5
