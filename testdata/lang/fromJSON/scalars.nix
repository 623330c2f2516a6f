map builtins.fromJSON [ "1" "-1" "1.5" "\"s\"" "true" "false" "null" " 1 " "1e3" "1E-2" "0" "-0" "-0.0" ]
