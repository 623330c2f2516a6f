# test: stderr
# test: option lint-short-path-literals warn
builtins.typeOf a/b
