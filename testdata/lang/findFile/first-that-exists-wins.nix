toString (builtins.findFile [ { prefix = "a"; path = ./missing; } { prefix = "a"; path = ./_files; } ] "a/inner.nix") == toString ./_files/inner.nix
