assert { type = "derivation"; outPath = "/a"; } == { type = "derivation"; outPath = "/b"; x = 1; }; 0
