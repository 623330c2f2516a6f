map builtins.placeholder [ "dev" "" "a b" ]
