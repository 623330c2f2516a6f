map builtins.stringLength [ "" "abc" "é" "a\nb" "${"x"}y" ]
