# test: stderr
builtins.filterSource (p: t: builtins.trace (baseNameOf p) (t != "directory")) ./_files/tree
