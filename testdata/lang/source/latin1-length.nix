builtins.stringLength "café"
