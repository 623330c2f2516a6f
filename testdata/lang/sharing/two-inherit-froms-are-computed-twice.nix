# test: stderr
let s = { inherit (builtins.trace "source" { a = 1; b = 2; }) a; inherit (builtins.trace "source" { a = 1; b = 2; }) b; }; in s.a + s.b
