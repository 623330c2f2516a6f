[ (builtins.isList (map (x: x) [ ])) (builtins.isList "abc") ]
