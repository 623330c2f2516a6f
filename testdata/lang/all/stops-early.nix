builtins.all (x: x < 3) [ 5 (throw "not reached") ]
