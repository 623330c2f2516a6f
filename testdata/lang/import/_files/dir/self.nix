./self.nix
