[ (builtins.lessThan "a" "b") (builtins.lessThan "a" "B") (builtins.lessThan "" "a") (builtins.lessThan /a /b) (builtins.lessThan "a" "aa") ]
