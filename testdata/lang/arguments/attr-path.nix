# test: attr a.b.1.c
{ a.b = [ 0 { c = "found"; } ]; }
