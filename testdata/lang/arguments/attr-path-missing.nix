# test: attr a.x
{ a.b = 1; }
