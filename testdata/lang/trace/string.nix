# test: stderr
builtins.trace "message" 1
