import ./_files/linked/missing.nix
