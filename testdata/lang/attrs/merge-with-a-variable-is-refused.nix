let s = { }; in { a.b = 1; a = s; }
