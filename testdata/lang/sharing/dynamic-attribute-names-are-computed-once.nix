# test: stderr
let s = { ${builtins.trace "name" "a"} = 1; }; in s.a + s.a
