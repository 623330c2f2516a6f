builtins.tryEval (import ./_files/throws.nix)
