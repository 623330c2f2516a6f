[ (builtins.replaceStrings [ "a" "b" ] [ "1" "2" ] "abcab") (builtins.replaceStrings [ "oo" ] [ "a" ] "foobooo") ]
