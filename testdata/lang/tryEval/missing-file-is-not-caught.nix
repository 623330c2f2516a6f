builtins.tryEval (import ./missing.nix)
