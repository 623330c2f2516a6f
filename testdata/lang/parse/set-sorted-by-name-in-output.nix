# test: parse
{ z = 1; y.x = 2; y.a = 3; inherit ({ q = 1; }) q; }
