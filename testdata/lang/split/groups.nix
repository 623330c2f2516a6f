[ (builtins.split "([a-z])([0-9])" "a1-b2") (builtins.split "(a)|b" "abab") (builtins.split "(x(y)?)" "1xy2x3") ]
