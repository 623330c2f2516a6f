map (k: builtins.length (builtins.genericClosure { startSet = map (key: { inherit key; }) k; operator = _: [ ]; }))
  [ [ "a" "a" "b" ] [ 1.5 1.5 ] [ 1 1.0 2 ] [ [ 1 2 ] [ 1 2 ] [ 1 ] ] [ /a /a /b ] ]
