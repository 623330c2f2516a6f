builtins.typeOf (./_files + "/c.txt")
