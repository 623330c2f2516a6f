# test: json
{ a = 1 + 1; b = [ (2 + 2) { c = "x"; } null 1.5 true ]; "é" = "\t"; }
