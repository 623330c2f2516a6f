map import [ ./_files/value.nix ./_files/dir ]
