# test: attr a."b.c"
{ a."b.c" = 1; }
