[ (builtins.split "," ",a,") (builtins.split "," "") (builtins.split "" "ab") (builtins.split "a" "a") ]
