let d = derivation { name = "d"; system = "s"; builder = "b"; }; in map builtins.hasContext [ "${d}" d.drvPath d.name (builtins.toJSON d) (builtins.hashString "sha256" "${d}") ]
