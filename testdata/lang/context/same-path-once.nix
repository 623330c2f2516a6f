let f = builtins.toFile "f" "1"; in builtins.attrNames (builtins.getContext "${f}${f}")
