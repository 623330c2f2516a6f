assert !(let f = { a, b ? 2, ... }@args: x: a; in with { y = 1; }; assert true; (f { a = true; } y)); 0
