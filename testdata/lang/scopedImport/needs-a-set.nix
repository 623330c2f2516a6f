builtins.scopedImport 1 ./_files/uses-x.nix
