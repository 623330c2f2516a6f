import ./uses-x.nix
