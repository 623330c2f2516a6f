builtins.hasAttr "x" { x = builtins.toFile "f" "1"; }
