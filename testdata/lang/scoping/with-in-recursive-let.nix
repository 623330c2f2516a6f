let s = { a = 1; }; r = with s; with r2; a + b; r2 = { b = a; }; a = 10; in r
