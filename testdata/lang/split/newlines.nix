builtins.split "\n" "one\ntwo\n"
