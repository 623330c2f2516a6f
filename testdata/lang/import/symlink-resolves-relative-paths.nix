import ./_files/link-dir/self.nix == ./_files/dir/self.nix
