map (h: (derivation { name = "d"; system = "x"; builder = "b"; outputHashAlgo = "sha256"; outputHash = h; }).outPath) [ "" ]
