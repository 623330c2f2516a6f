[ (builtins.filterSource (p: t: true) ./_files/tree) (builtins.filterSource (p: t: false) ./_files/tree) ]
