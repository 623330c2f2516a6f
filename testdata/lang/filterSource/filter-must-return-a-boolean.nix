builtins.filterSource (p: t: null) ./_files/tree
