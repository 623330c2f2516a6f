let s = { a = 1; ${s.a} = 2; }; in s
