let f = { __functor = self: { a, b ? 2 }: a + b; }; in f { a = 1; }
