let d = derivation { name = "d"; system = "x"; builder = "b"; outputs = [ "out" "dev" ]; }; in
map builtins.getContext [ d.outPath d.dev.outPath d.drvPath "${d}${d.dev}${d.drvPath}" ]
