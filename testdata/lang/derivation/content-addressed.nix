# test: option extra-experimental-features ca-derivations
let d = derivation { name = "d"; system = "x"; builder = "b"; __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; }; in [ d.drvPath d.outPath ]
