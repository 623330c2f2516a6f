builtins.toFile "x" "${derivation { name = "d"; system = "x"; builder = "b"; }}"
