# test: no-strict
[ (builtins.match "(a)" "a") (builtins.split "," "a,b") ]
