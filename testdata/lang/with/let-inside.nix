with { a = 1; }; let b = a; a = 2; in b
