import ./_files/function.nix { x = 2; }
