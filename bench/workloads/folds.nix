# foldl', map, filter, concatMap, any, all over lists of numbers.
# goal: 0.6
let
  inherit (builtins) all any concatMap filter foldl' genList length map;
  numbers = genList (i: i) 20000;
  sum = foldl' (a: b: a + b) 0;
  round = seed:
    let
      shifted = map (x: x + seed) numbers;
      even = filter (x: x - x / 2 * 2 == 0) shifted;
      pairs = concatMap (x: [ x (x - seed) ]) even;
    in
    if all (x: x >= 0) pairs && !any (x: x < 0) even then sum pairs - length even else 0;
in
sum (genList round 50)
