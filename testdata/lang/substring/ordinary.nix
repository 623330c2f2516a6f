[ (builtins.substring 0 3 "abcdef") (builtins.substring 2 2 "abcdef") (builtins.substring 5 1 "abcdef") ]
