builtins.traceVerbose (throw "not forced") 1
