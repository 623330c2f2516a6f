let d = algo: mode: let x = derivation { name = "d"; system = "x"; builder = "b"; outputHash = builtins.hashString algo "data"; outputHashAlgo = algo; outputHashMode = mode; }; in [ x.drvPath x.outPath ]; in
builtins.concatMap (m: map (a: d a m) [ "md5" "sha1" "sha256" "sha512" ]) [ "flat" "recursive" "nar" ]
