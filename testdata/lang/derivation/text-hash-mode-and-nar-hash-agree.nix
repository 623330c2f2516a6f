let d = m: (derivation { name = "d"; system = "x"; builder = "b"; outputHashMode = m; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; }).outPath; in d "recursive" == d "nar"
