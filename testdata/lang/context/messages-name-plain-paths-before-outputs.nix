let d = name: derivation { inherit name; system = "s"; builder = "b"; }; in
{ }.${"${d "b"}${builtins.toFile "f" "t"}${builtins.toFile "g" "t"}"}
