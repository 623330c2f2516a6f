builtins.trace "scoped" x
