let d = name: derivation { inherit name; system = "s"; builder = "b"; }; in
{ }.${"${d "c"}${d "a"}${d "b"}"}
