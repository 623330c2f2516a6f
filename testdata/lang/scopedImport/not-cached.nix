# test: stderr
map (x: builtins.scopedImport { inherit x; } ./_files/traces-x.nix) [ 1 2 ]
