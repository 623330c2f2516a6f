map toString [ [ ] [ 1 2 ] [ "a" [ "b" "c" ] "d" ] [ null true [ ] "x" ] ]
