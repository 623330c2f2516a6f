builtins.toFile ".x" "x"
