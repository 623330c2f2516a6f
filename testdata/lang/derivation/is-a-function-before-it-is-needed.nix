# test: no-strict
[ derivation ]
