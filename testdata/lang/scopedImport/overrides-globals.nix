builtins.scopedImport { map = f: l: "replaced"; builtins = { }; } ./_files/uses-map.nix
