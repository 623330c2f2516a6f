[ (builtins.split "a+" "baaab") (builtins.split "[[:space:]]+" " a  b ") (builtins.split "(.*)b" "abab c") ]
