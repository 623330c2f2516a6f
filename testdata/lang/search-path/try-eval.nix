(builtins.tryEval <missing>).success
