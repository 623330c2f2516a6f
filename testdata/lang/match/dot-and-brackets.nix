[ (builtins.match "a.c" "a\nc") (builtins.match "[^a]" "b") (builtins.match "[a-c]+" "abc") (builtins.match "[]a]+" "]a") (builtins.match "[a-]+" "-a") ]
