[ (builtins.split "x*" "axb") (builtins.split "(x*)" "ab") ]
