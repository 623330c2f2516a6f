(derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = true; outputHashMode = "flat"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; }).drvPath
