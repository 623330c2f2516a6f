let s = { or = 1; x.or = 2; }; in [ s.or s.x.or (s.or or 3) (s ? or) s ]
