# test: no-strict
builtins.splitVersion "1.2"
