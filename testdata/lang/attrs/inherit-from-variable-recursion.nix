let source = { inherit (source) a; }; in source.a
