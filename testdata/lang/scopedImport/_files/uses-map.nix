[ (map (x: x) [ 1 ]) builtins ]
