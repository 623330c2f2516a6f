toString (builtins.findFile [ { prefix = ""; path = ./_files; } ] "inner.nix") == toString ./_files/inner.nix
