import ./_files/throws.nix
