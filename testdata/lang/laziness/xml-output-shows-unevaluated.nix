# test: xml
# test: no-strict
# test: no-location
{ a = 1 + 1; b = [ (2 + 2) ]; c = 1; }
