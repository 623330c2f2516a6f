(derivation { name = "d"; system = "x"; builder = "b"; outputHashAlgo = "sha3"; outputHash = "00"; }).outPath
