[ (builtins.lessThan [ 1 ] [ 2 ]) (builtins.lessThan [ ] [ 1 ]) (builtins.lessThan [ 1 2 ] [ 1 ]) ]
