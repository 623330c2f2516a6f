(derivation { name = "d"; system = "x"; builder = "b"; outputHashAlgo = "sha256"; outputHash = "e3b0"; }).outPath
