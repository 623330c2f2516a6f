let d = derivation { name = "d"; system = "x"; builder = "b"; outputs = [ "out" "dev" "doc" ]; }; in
[ d.outPath d.out.outPath d.dev.outPath d.doc.outPath d.outputName d.dev.outputName (map (o: o.outputName) d.all) (d.dev.out.outPath == d.outPath) ]
