# test: parse
s: [ (s ? a) (s ? a.b) (s ? "c d") (s ? ${s.n}) (s ? a.${"e"}) ]
