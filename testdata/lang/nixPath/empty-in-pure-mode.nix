# test: stdin
# test: pure
# test: env NIX_PATH=a=/nonexistent/a
builtins.nixPath
