# test: no-strict
builtins.parseDrvName "a-1"
