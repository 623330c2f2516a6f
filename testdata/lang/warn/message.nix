# test: stderr
builtins.warn "careful" 1
