map builtins.splitVersion [ "1.2.3" "1.2pre3" "1-2" "2.0-rc1" "1..2" "a10b" "" "." "1_2" "é1" ]
