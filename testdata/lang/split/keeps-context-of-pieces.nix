map (x: if builtins.isString x then builtins.hasContext x else map builtins.hasContext x) (builtins.split "(-)" "${builtins.toFile "f" "t"}")
