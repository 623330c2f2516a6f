[ (builtins.match "a{2,3}" "aa") (builtins.match "a{2}" "aaa") (builtins.match "a*b+c?" "bbb") (builtins.match "(ab)*" "ababab") (builtins.match "a{2,}" "aaaa") ]
