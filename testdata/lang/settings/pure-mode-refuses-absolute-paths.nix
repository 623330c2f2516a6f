# test: stdin
# test: pure
builtins.readFile /etc/passwd
