builtins.filterSource 1 ./_files/tree
