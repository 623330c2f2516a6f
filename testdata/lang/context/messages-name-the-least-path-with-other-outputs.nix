let x = derivation { name = "x"; system = "s"; builder = "b"; outputs = [ "lib" "out" ]; }; d = derivation { name = "d"; system = "s"; builder = "b"; }; in
{ }.${x + d}
