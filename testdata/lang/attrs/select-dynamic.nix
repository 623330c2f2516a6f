let n = "b"; s = { a.b.c = 1; }; in [ s.a.${n}.c s."a".${n} s.a."${n}" (s.a.${n + "x"} or 2) s.${"a"}.b.${"c"} ]
