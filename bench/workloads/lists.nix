# ++, elem, elemAt, tail recursion over lists, equality of lists and sets.
let
  inherit (builtins) concatLists elem elemAt filter foldl' genList head length tail;
  rest = n: x: x - x / n * n;
  numbers = genList (i: rest 997 (i * 31)) 2500;
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ] numbers;
  zip = a: b: if a == [ ] || b == [ ] then [ ] else [ { l = head a; r = head b; } ] ++ zip (tail a) (tail b);
  pairs = zip numbers (concatLists [ (tail numbers) [ 0 ] ]);
  same = filter (p: { inherit (p) l; deep = [ p.r p.l ]; } == { l = p.l; deep = [ (p.l + 31) p.l ]; });
in
[ (length unique) (elemAt unique 500) (length (same (concatLists (genList (_: pairs) 400)))) ]
