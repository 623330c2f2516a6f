[ (builtins.match "(a|ab)(c|bcd)(d*)" "abcd") (builtins.match "(foo|foobar)(bar)?" "foobar") ]
