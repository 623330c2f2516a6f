# test: option allow-import-from-derivation false
builtins.pathExists "${derivation { name = "d"; system = "x"; builder = "b"; }}/x"
