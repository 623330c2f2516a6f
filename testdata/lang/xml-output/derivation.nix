# test: xml
# test: no-location
{ d = derivation { name = "d"; system = "x"; builder = "b"; }; }
