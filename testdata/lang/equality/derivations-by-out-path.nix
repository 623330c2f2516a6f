let d = { type = "derivation"; outPath = "/o"; x = 1; }; e = { type = "derivation"; outPath = "/o"; y = throw "not forced"; }; in [ (d == e) (d != e) (d == d // { outPath = "/p"; }) ]
