# test: stderr
(derivation { name = "x"; system = "s"; builder = "b"; __structuredAttrs = true; a = [ "ÿ" ]; "kÿ" = 1; }).drvPath
