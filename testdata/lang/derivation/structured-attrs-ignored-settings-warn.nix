# test: stderr
(derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = true; allowedReferences = [ ]; }).drvPath
