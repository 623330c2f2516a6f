let o = { a = 1; } // { b = 2; }; in map (n: builtins.hasAttr n o) [ "a" "b" "c" "A" ]
