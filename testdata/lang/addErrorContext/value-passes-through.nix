builtins.addErrorContext "context" { a = 1; }
