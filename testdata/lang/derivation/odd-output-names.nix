map (o: (derivationStrict { name = "d"; system = "x"; builder = "b"; outputs = o; })) [ [ "drv" "out" ] [ "out" "-x" ] ]
