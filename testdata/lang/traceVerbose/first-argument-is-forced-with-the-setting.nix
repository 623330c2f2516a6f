# test: option trace-verbose true
builtins.traceVerbose (throw "forced") 1
