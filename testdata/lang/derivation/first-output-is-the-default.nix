let d = derivation { name = "d"; system = "x"; builder = "b"; outputs = [ "bin" "out" ]; }; in [ d.outputName d.outPath (d.outPath == d.bin.outPath) ]
