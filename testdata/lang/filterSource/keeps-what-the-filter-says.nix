builtins.filterSource (p: t: t == "directory" || baseNameOf p == "keep.txt") ./_files/tree
