toString (builtins.findFile [ { path = toString ./_files; prefix = "s"; } ] "s/inner.nix") == toString ./_files/inner.nix
