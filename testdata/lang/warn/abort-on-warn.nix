# test: option abort-on-warn true
builtins.warn "careful" 1
