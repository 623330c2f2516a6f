{ two = import ./nested/level-two.nix; }
