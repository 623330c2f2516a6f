import ./_files/missing.nix
