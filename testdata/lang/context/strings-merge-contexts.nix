let f = builtins.toFile "f" "1"; g = builtins.toFile "g" "2"; in builtins.attrNames (builtins.getContext "${f} and ${g}")
