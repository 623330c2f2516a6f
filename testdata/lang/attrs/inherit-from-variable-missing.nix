let source = { a = 1; }; in { inherit (source) a nothing; }.nothing
