[ (builtins.substring 3 100 "abcdef") (builtins.substring 6 1 "abcdef") (builtins.substring 100 1 "abc") (builtins.substring 0 0 "abc") ]
