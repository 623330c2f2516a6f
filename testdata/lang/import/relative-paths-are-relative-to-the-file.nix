baseNameOf (dirOf (import ./_files/dir/self.nix))
