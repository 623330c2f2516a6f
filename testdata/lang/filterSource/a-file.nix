builtins.filterSource (p: t: false) ./_files/tree/keep.txt
