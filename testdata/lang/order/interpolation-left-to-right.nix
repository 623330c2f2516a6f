# test: stderr
"${builtins.trace "1" "a"}-${builtins.trace "2" "b"}"
