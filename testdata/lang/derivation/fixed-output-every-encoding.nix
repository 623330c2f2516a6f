let h = builtins.hashString "sha256" "data"; d = outputHash: (derivation { name = "d"; system = "x"; builder = "b"; outputHashAlgo = "sha256"; inherit outputHash; }).outPath;
  c = f: builtins.convertHash { hash = h; hashAlgo = "sha256"; toHashFormat = f; }; in map (f: d (c f)) [ "base16" "nix32" "base64" "sri" ]
