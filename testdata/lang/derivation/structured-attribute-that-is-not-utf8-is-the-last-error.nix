(derivation { name = "x"; system = "s"; builder = "b"; __structuredAttrs = true; a = "ÿ"; outputHash = "bad"; }).drvPath
