builtins.scopedImport { x = 1; y = throw "not needed"; } ./_files/uses-x.nix
