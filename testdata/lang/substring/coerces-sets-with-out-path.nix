builtins.substring 1 3 { outPath = "/abc"; }
