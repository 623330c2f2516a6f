# test: stderr
builtins.replaceStrings [ "a" "b" "c" ] [ (builtins.trace "A" "1") (builtins.trace "B" "2") (builtins.trace "C" "3") ] "cca"
