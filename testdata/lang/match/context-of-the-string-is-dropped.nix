map builtins.hasContext (builtins.match "(.*)-(f)" "${builtins.toFile "f" "t"}")
