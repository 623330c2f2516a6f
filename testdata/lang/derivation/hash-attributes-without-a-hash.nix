(derivation { name = "d"; system = "x"; builder = "b"; outputHashAlgo = "sha256"; outputHashMode = "flat"; }).drvPath
