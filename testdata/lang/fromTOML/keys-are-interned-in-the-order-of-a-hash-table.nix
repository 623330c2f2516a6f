# Which attribute is complained of is the first by symbol: that of the order in which the library's hash table has them.
({ a ? 1 }: a) (builtins.fromTOML "c.d = { p = '''a''', q = [8] }\ne = \"x y\"\nf-g = 0x1F\n[t]\nk = 0x1F\n[t.u]\nk = \"a\"\n")
