# test: stdin
# test: pure
map (x: x * 2) [ 1 2 ]
