builtins.functionArgs ({ a, b ? 1, c ? throw "not needed", ... }: a)
