# test: option extra-experimental-features pipe-operators
[ (1 + 2 |> (x: x * 10)) (false || true |> (x: !x)) (true -> false |> (x: !x)) ]
