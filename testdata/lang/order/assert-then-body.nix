# test: stderr
assert builtins.trace "condition" true; builtins.trace "body" 1
