builtins.stringLength (builtins.readFile ./_files/latin1)
