map (s: let p = builtins.unsafeGetAttrPos "a" s; in if p == null then null else [ p.line p.column ])
  [ (builtins.listToAttrs [ { name = "a"; value = 1; } ]) (builtins.fromJSON "{\"a\":1}") (builtins.groupBy (x: x) [ "a" ]) (builtins.functionArgs ({ a }: a)) ]
