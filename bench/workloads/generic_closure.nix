# genericClosure over numbers and over strings, most of the operator's results being known already.
# goal: 1.0
let
  inherit (builtins) foldl' genericClosure length map;
  rest = n: x: x - x / n * n;
  numbers = genericClosure {
    startSet = [ { key = 1; } ];
    operator = { key }: map (k: { key = rest 90011 k; }) [ (key * 2) (key * 3 + 1) (key + 5) ];
  };
  strings = genericClosure {
    startSet = map (i: { key = "node-${toString i}"; inherit i; }) [ 1 2 3 ];
    operator = { i, ... }: map (n: let j = rest 24007 n; in { key = "node-${toString j}"; i = j; }) [ (i * 2) (i * 5 + 3) (i + 1) ];
  };
in
[ (length numbers) (length strings) (foldl' (sum: item: rest 1000003 (sum * 3 + item.key)) 0 numbers) (foldl' (sum: item: rest 1000003 (sum * 3 + item.i)) 0 strings) ]
