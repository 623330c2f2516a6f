# test: parse
let a = 1; in with { b = 2; }; let c = a; in assert c == 1; if b == 2 then c else a
