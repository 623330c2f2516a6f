builtins.addErrorContext "context" (builtins.genList (n: n) 4294967296)
