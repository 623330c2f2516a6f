# test: parse
[ 1 "two" [ ] [ 3 ] (x: x) { } (1 + 2) ]
