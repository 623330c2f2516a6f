builtins.scopedImport { x = 5; } ./_files/imports-uses-x.nix
