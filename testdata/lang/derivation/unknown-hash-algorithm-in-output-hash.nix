# test: stderr
(derivation { name = "x"; builder = "b"; system = "s"; outputHash = "sha9:00"; }).outPath
