let source = source; in { inherit (source) a; }.a
