# test: no-strict
builtins.split "(,)" "a,b"
