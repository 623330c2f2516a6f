# test: no-strict
{ ${"a"} = 1; ${"b" + "c"} = 1 + 1; d.${"e" + ""} = 2; }
