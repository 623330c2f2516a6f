builtins.length (builtins.attrNames builtins.builtins) == builtins.length (builtins.attrNames builtins)
