(derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = true; a = { b = [ 1 "two" null 1.5 true ]; }; }).drvPath
