# test: stdin
# test: pure
builtins.currentSystem
