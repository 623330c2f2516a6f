builtins.match "(a)?(b)?c" "bc"
