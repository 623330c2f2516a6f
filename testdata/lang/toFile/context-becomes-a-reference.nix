let a = builtins.toFile "a" "A"; b = builtins.toFile "b" "see ${a}"; in [ b (builtins.attrNames (builtins.getContext b)) ]
