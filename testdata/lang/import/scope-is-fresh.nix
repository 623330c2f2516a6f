let secret = 1; in import ./_files/uses-secret.nix
