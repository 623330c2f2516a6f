builtins.replaceStrings [ "x" "y" ] [ (throw "not needed") "z" ] "abc-y"
