builtins.toFile "aZ09+-._?=" "x"
