# test: stderr
builtins.traceVerbose "hidden" 1
