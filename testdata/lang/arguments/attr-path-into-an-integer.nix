# test: attr a.b
{ a = 1; }
