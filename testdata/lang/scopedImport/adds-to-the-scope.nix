builtins.scopedImport { x = 5; } ./_files/uses-x.nix
