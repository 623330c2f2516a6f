let n = (builtins.fromTOML "a=-nan").a; p = (builtins.fromTOML "a=nan").a; one = 1.0; i = 1; inf = 1.0e308 * 10.0;
 ops = { plus = a: b: a + b; minus = a: b: a - b; times = a: b: a * b; over = a: b: a / b; inherit (builtins) add sub mul div; };
 vs = { inherit n p one i inf; };
in builtins.mapAttrs (_: op: builtins.concatStringsSep " " (builtins.concatMap (a: map (b: "${a},${b}=${let r = op vs.${a} vs.${b}; in if builtins.isInt r then "int" else toString r}") (builtins.attrNames vs)) (builtins.attrNames vs))) ops // { neg = map (x: - x) [n p]; three = [(1 + n + p) (n + p + 1) (inf - inf + p) (p + (inf - inf)) (0.0 * inf) ( inf / inf)]; }
