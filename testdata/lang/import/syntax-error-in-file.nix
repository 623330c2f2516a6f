import ./_files/broken.nix
