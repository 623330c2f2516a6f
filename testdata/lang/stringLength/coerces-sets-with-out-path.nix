builtins.stringLength { outPath = "/abc"; }
