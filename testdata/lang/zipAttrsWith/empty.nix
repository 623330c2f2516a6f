[ (builtins.zipAttrsWith (n: vs: vs) [ ]) (builtins.zipAttrsWith (n: vs: vs) [ { } { } ]) ]
