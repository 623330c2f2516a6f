builtins.any (x: throw "not called") [ ]
