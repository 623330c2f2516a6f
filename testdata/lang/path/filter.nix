builtins.path { path = ./_files/tree; name = "t"; filter = p: t: t != "regular" || baseNameOf p != "drop.log"; }
