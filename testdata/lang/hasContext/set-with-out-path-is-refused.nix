builtins.hasContext { outPath = "/x"; }
