[ (builtins.tryEval <nothing-here>) (builtins.tryEval (builtins.findFile [ ] "x")) ]
