let f = { __functor = self: x: self.v; v = 1; }; in [ (f 0) ((f // { v = 2; }) 0) ]
