builtins.stringLenght "a"
