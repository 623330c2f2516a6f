let d = derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = true; outputs = [ "out" "dev" ]; }; in [ d.drvPath d.dev.outPath ]
