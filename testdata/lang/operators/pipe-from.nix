# test: option extra-experimental-features pipe-operators
[ ((x: x + 1) <| 1) (map (x: x + 1) <| builtins.tail <| [ 1 2 3 ]) ]
