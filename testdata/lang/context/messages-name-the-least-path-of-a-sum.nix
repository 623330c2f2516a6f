let d = name: derivation { inherit name; system = "s"; builder = "b"; }; in
{ }.${d "a" + d "b"}
