(import ./_files/level-one.nix).two.value
