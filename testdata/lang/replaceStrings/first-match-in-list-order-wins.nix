[ (builtins.replaceStrings [ "a" "ab" ] [ "1" "2" ] "ab") (builtins.replaceStrings [ "ab" "a" ] [ "2" "1" ] "ab") ]
