# `//` of a large set and a small one, as overlays do; the results looked at in few places and, sometimes, whole.
let
  inherit (builtins) attrNames attrValues foldl' genList length listToAttrs;
  size = 4000;
  base = listToAttrs (genList (i: { name = "package-${toString i}"; value = i; }) size);
  overlay = i: { "package-${toString (i * 13)}" = i; "extra-${toString i}" = i; };
  chain = foldl' (set: i: set // overlay i) base (genList (i: i) 300);
  side = i: (base // overlay i)."package-${toString i}" + length (attrNames (base // overlay (i + 1)));
in
foldl' (a: b: a + b) 0 (attrValues chain) + foldl' (sum: i: sum + side i) 0 (genList (i: i) 1300)
