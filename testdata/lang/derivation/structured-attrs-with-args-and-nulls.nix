(derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = true; __ignoreNulls = true; n = null; args = [ "-e" 1 ]; }).drvPath
