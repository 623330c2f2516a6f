import ./_files/value.nix
