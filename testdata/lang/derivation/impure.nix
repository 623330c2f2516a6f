# test: option extra-experimental-features impure-derivations ca-derivations
let d = derivation { name = "d"; system = "x"; builder = "b"; __impure = true; }; in [ d.drvPath d.outPath ]
