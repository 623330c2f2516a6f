# test: stderr
builtins.warn "a\nb" null
