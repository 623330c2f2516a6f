# test: stderr
builtins.concatStringsSep (builtins.trace "sep" ",") [ (builtins.trace "1" "a") (builtins.trace "2" "b") ]
