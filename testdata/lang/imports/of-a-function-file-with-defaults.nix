import ./_files/with-defaults.nix { }
