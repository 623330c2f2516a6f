let f = extra: derivation ({ name = "f"; system = "x"; builder = "b"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; } // extra); d = s: derivation { name = "d"; system = "x"; builder = "b"; src = s; }; in
[ ((d (f { a = 1; })).outPath == (d (f { a = 2; })).outPath) ((d (f { a = 1; })).drvPath == (d (f { a = 2; })).drvPath) ]
