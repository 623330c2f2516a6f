let name = "level-one"; in (import ./_files/${name}.nix).two.value
