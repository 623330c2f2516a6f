[ (builtins.split "^a" "aab") (builtins.split "b$" "abb") (builtins.split "(^|/)x" "x/x") ]
