# test: stderr
# test: option trace-verbose true
builtins.traceVerbose "shown" 1
