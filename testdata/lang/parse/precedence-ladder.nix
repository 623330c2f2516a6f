# test: parse
a: a -> a || a && a == a < a // !a + a * a ++ a ? b
