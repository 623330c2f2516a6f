# test: stdin
# test: stderr
1 + "a"
