let s = { a = 1; b = s.a + 1; c = s; }; in s.c.c.b
