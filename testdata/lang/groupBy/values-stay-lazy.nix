builtins.mapAttrs (n: builtins.length) (builtins.groupBy (x: "k") [ (throw "x") (throw "y") ])
