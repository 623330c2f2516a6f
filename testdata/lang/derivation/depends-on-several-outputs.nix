let a = derivation { name = "a"; system = "x"; builder = "b"; outputs = [ "out" "dev" ]; }; in
(derivation { name = "b"; system = "x"; builder = "b"; deps = [ a.out a.dev ]; }).drvPath
