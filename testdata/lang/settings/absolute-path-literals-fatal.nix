# test: option lint-absolute-path-literals fatal
/a/b
