toString (builtins.findFile [ { prefix = "lib"; path = ./_files; } ] "lib/inner.nix") == toString ./_files/inner.nix
