# test: stderr
builtins.path { path = ./_files/tree; name = "t"; filter = p: t: builtins.trace "${t} ${baseNameOf p} ${builtins.typeOf p}" true; }
