# test: stderr
builtins.trace [ derivation ] 1
