builtins.hasContext (builtins.filterSource (p: t: true) ./_files/tree)
