builtins.trace "evaluated" 5
