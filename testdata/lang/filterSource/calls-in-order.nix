# test: stderr
builtins.filterSource (p: t: builtins.trace "${t} ${baseNameOf p}" true) ./_files/tree
