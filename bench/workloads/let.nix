# let blocks: bindings used once, often, never, and in a circle through functions.
# goal: 0.6
let
  step = x:
    let
      double = x + x;
      unused = throw "never";
      square = double * double;
      rest = square - square / 97 * 97;
      pick = flag: if flag then one else two;
      one = let inner = rest + 1; in inner * 2;
      two = let inner = rest + 2; far = unused; in inner * 3;
    in
    pick (rest > 48) + double;
in
builtins.foldl' (sum: i: sum + step i) 0 (builtins.genList (i: i - i / 1000 * 1000) 500000)
