map dirOf [ "a" "a/b" "/a/b" "/a/b/" "/a" "/" "" "a/" "//a" "a//b" "./a" ]
