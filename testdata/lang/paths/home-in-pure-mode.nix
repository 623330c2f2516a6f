# test: stdin
# test: pure
~/x
