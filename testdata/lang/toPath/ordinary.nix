[ (builtins.toPath "/a/b") (builtins.toPath "/a/../b/./c//d/") (builtins.toPath /x) (builtins.typeOf (builtins.toPath "/a")) ]
