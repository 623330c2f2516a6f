let a = derivation { name = "a"; system = "x"; builder = "b"; }; in
(derivation { name = "d"; system = "x"; builder = "b"; __structuredAttrs = true; deps = { inherit a; }; src = ./_files/arg.txt; }).drvPath
