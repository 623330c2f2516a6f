[ (builtins.typeOf (dirOf /a/b)) (builtins.typeOf (dirOf "/a/b")) ]
