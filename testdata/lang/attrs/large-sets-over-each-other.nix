# Sets of more than a thousand attributes: literals, mapAttrs, and one over another.
let
  inherit (builtins) attrNames attrValues elemAt foldl' genList intersectAttrs isAttrs length listToAttrs mapAttrs removeAttrs;
  named = prefix: from: n: listToAttrs (genList (i: { name = "${prefix}${toString (from + i)}"; value = from + i; }) n);
  a = named "x" 0 1500;
  b = mapAttrs (name: value: { inherit name value; }) (named "x" 1000 1500);
  c = mapAttrs (name: value: throw "not wanted: ${name}") (named "y" 0 1200);
  d = mapAttrs (_: v: v // { again = true; }) b;
  all = a // b // c // { x3 = "small"; z = d; };
  again = c // all // a;
  chain = foldl' (set: i: set // mapAttrs (_: v: v + i) (named "x" (100 * i) 1100)) a (genList (i: i) 24);
  grown = foldl' (set: i: set // { "n${toString i}" = i; }) (a // b) (genList (i: i) 700);
  pick = set: { inherit (set) x1 x3 x1001 x2400; };
in
{
  sizes = map (set: length (attrNames set)) [ a b c d all again chain grown (a // a) (b // { }) ({ } // b) ];
  ends = map (set: let names = attrNames set; in [ (elemAt names 0) (elemAt names 1) (elemAt names 2000) ]) [ all again grown ];
  picked = pick (all // { x1 = a.x1; });
  fromAgain = pick again;
  chained = { inherit (chain) x0 x99 x100 x2300 x3000 x3399; };
  grown = { inherit (grown) n0 n300 n699 x1600; };
  absent = [ (all ? nothing) (all ? y5) (all.nothing or "no") (chain.x3400 or "no") (b.x1000.value.z or "deep") ];
  withs = with all; [ x1 x3 z.x1002.again ];
  some = intersectAttrs { x1 = 1; x1700 = 1; nothing = 1; y3 = 1; } (removeAttrs all [ "y3" ]);
  args = ({ x2, x1001, none ? 5, ... }@every: [ x2 x1001 none (every == all) (isAttrs every) ]) (all // { y = 1; });
  equal = [ (a == a // a) (b == d) (mapAttrs (_: v: v) a == a) (a // b == b // a) (a // b == a // (a // b)) ];
  sum = foldl' (n: v: n + v) 0 (attrValues chain);
  mapped = { inherit (mapAttrs (n: v: "${n}!") again) x5 y5 z; };
  same = let f = x: x; s = mapAttrs (_: _: f) a; t = s // { x1 = f; }; in [ (s == s) (t.x2 == s.x2) ([ t.x3 ] == [ s.x3 ]) ];
}
