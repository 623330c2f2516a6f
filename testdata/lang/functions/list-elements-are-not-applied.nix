let f = x: "called"; in builtins.length [ f 1 (f 1) f ]
