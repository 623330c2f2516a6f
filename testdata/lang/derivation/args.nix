let d = a: (derivation { name = "d"; system = "x"; builder = "b"; args = a; }).drvPath; in [ (d [ ]) (d [ "-c" "echo" ]) (d [ 1 true null ./_files/arg.txt ]) ]
