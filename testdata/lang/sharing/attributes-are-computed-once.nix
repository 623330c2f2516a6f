# test: stderr
let s = { a = builtins.trace "computed" 1; }; in s.a + s.a + (s // { b = 1; }).a
