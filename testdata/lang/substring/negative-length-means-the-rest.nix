[ (builtins.substring 2 (-1) "abcdef") (builtins.substring 0 (-5) "abc") ]
