# test: stderr
derivation 1
