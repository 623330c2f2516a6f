# A set of n attributes: made, listed, mapped, updated, looked into.
{ n, repeat }:
let
  inherit (builtins) attrNames foldl' genList length listToAttrs mapAttrs;
  once = round:
    let
      set = listToAttrs (genList (i: { name = "name-${toString (i * 7 + round)}"; value = i; }) n);
      mapped = mapAttrs (_: value: value + round) set;
      updated = mapped // { a = 1; } // { b = 2; } // listToAttrs (genList (i: { name = "name-${toString (i * 14)}"; value = 1; }) (n / 2));
    in
    foldl' (sum: name: sum + updated.${name}) 0 (attrNames updated) + length (attrNames set);
in
foldl' (sum: round: sum + once round) 0 (genList (i: i) repeat)
