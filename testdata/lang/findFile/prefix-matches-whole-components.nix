builtins.findFile [ { prefix = "lib"; path = ./_files; } ] "library"
