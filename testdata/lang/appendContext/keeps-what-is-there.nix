let f = builtins.toFile "f" "t"; in
builtins.attrNames (builtins.getContext (builtins.appendContext f { "/nix/store/00000000000000000000000000000000-x" = { path = true; }; }))
