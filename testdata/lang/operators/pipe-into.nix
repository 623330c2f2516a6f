# test: option extra-experimental-features pipe-operators
[ (1 |> (x: x + 1)) (1 |> (x: x + 1) |> (x: x * 10)) ([ 1 2 ] |> map (x: x + 1)) ]
