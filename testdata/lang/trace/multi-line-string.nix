# test: stderr
builtins.trace "a\nb\t\"c\"" 1
