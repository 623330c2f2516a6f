# test: stdin
# test: pure
builtins ? currentTime
