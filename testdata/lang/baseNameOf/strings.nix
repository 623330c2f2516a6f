map baseNameOf [ "a" "a/b" "/a/b" "/a/b/" "/a/b//" "/" "" "a/" "//" "a//b" "." ".." "a/." "/a/.." "b.tar.gz" ]
