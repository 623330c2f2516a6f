builtins.filterSource (p: t: throw "filter on ${baseNameOf p}") ./_files/tree
