(import ./_files/level-one.nix).two == import ./_files/nested/level-two.nix
