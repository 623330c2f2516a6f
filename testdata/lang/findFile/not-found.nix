builtins.findFile [ { prefix = "a"; path = ./_files; } ] "a/other.nix"
