# test: stderr
# test: json
# test: no-strict
(derivation { name = "x"; builder = "b"; system = "s"; }).all
