let builtins = { map = 1; }; map = 2; true = 3; in [ builtins.map map true ]
