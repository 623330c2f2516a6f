builtins.getContext "${builtins.toFile "f" "t"}"
