# test: attr a.5
{ a = [ 1 2 ]; }
