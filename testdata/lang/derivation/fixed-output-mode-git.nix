(derivation { name = "d"; system = "x"; builder = "b"; outputHashMode = "git"; outputHashAlgo = "sha1"; outputHash = "da39a3ee5e6b4b0d3255bfef95601890afd80709"; }).outPath
