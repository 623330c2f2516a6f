builtins.typeOf (builtins.findFile [ ] "nix/fetchurl.nix")
