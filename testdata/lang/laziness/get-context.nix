# test: no-strict
builtins.getContext (builtins.toFile "f" "t")
