let x = (builtins.tryEval x).value; in x
