[ (builtins.catAttrs "a" [ ]) (builtins.catAttrs "a" [ { } ]) ]
