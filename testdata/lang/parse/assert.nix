# test: parse
assert true; 1
