# test: stderr
[ (import ./_files/traced.nix) (import ./_files/../_files/traced.nix) (import (./_files + "/traced.nix")) ]
