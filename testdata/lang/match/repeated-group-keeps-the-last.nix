builtins.match "((a|b)*)c" "abac"
