let f = builtins.toFile "f" "t"; in
map builtins.hasContext [ (builtins.replaceStrings [ "a" ] [ f ] "xax") (builtins.replaceStrings [ "a" ] [ f ] "xyz") (builtins.replaceStrings [ "a" ] [ "b" ] f) ]
