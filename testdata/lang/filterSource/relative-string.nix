builtins.filterSource (p: t: true) "tree"
