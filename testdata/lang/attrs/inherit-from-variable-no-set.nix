let source = 7; f = source: { inherit (source) a; }; in (f source).a
