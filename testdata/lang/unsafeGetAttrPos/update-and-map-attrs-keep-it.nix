let s = { a = 1; }; pos = t: let p = builtins.unsafeGetAttrPos "a" t; in if p == null then null else p.column; in
map pos [ s (s // { b = 1; }) ({ b = 1; } // s) (builtins.mapAttrs (n: v: v) s) (removeAttrs (s // { b = 1; }) [ "b" ]) (builtins.intersectAttrs { a = 0; } s) ]
