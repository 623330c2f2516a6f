[ (builtins.match "a(b)(c)" "abc") (builtins.match "(a)|(b)" "b") (builtins.match "(a(b))(c)?" "ab") ]
