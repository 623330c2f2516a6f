builtins.toJSON { a = [ (throw "deep") ]; }
