baseNameOf (import ./_files/nested/level-two.nix).file
