let s = { or = 1; }; in [ s.or (s.or or 2) ({ }.or or 3) ]
