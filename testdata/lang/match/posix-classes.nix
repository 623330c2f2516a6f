[ (builtins.match "[[:alpha:]]+([[:digit:]]*)" "abc123") (builtins.match "[[:space:]]*([[:upper:]]+)[[:space:]]*" "  FOO ") (builtins.match "[[:alnum:]_]+" "a_1") ]
