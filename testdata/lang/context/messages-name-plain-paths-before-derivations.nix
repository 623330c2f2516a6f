let d = name: derivation { inherit name; system = "s"; builder = "b"; }; in
{ }.${"${d "b"}${(d "a").drvPath}"}
