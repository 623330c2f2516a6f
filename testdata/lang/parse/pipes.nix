# test: parse
# test: option extra-experimental-features pipe-operators
f: g: [ (1 |> f |> g) (f <| g <| 1) (f 1 |> g 2) ]
