import ./_files/empty.nix
