builtins.hasContext (builtins.toXML { a = builtins.toFile "a" "t"; })
