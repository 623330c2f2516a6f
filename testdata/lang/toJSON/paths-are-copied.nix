builtins.toJSON { p = ./_files/json.txt; }
