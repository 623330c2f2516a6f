# test: attr a.b
# test: arg n 5
{ a = { n }: { b = n; }; }
