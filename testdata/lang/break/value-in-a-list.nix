# test: no-strict
[ (builtins.break (1 + 1)) ]
