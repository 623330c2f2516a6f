let x = { a = 1; }; in [ (x.a or /p) (builtins.typeOf (if true then ./a else ./b)) (map builtins.typeOf [ ./a ]) ]
