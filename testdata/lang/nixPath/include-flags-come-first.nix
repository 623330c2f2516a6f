# test: env NIX_PATH=a=/nonexistent/a
# test: include b=/nonexistent/b
# test: include /nonexistent/c
builtins.nixPath
