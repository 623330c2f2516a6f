builtins.hasContext (toString ./missing-file)
