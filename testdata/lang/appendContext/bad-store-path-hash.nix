builtins.appendContext "a" { "/nix/store/short-x" = { path = true; }; }
