(builtins.mapAttrs (n: v: if n == "a" then throw "x" else v) { a = 1; b = 2; }).b
