# test: parse
s: [ s.a s.a.b s."x y" s.${"d"} s.${s.n} s.a or 1 s.a.b or s.c s.or ]
