(derivation { name = "d"; system = "x"; builder = "b"; outputHash = "sha256-!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!="; }).outPath
