builtins.filterSource (p: t: true) ./_files/missing
