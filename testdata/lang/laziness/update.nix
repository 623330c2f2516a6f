# test: no-strict
{ a = 1 + 1; } // { b = 2; }
