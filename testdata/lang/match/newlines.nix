[ (builtins.match ".*b.*" "a\nb\nc") (builtins.match "[^\n]*\n(.*)" "one\ntwo") ]
