let s = { f = x: x + 1; v.w = 2; }; in s.f s.v.w
