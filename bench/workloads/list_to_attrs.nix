# listToAttrs, attrNames, attrValues, removeAttrs, intersectAttrs, catAttrs on sets of all sizes.
let
  inherit (builtins) attrNames attrValues catAttrs foldl' genList intersectAttrs length listToAttrs removeAttrs;
  named = prefix: size: genList (i: { name = "${prefix}${toString (i * 7919 - i * 7919 / 100003 * 100003)}"; value = i; }) size;
  round = size:
    let
      set = listToAttrs (named "a" size);
      other = listToAttrs (named "a" (size / 2) ++ named "b" (size / 2));
      common = intersectAttrs set other;
      left = removeAttrs set (attrNames common);
    in
    length (attrNames left) + length (attrValues common) + foldl' (a: b: a + b) 0 (catAttrs "value" (named "c" size));
in
map (size: foldl' (sum: i: sum + round (size + i - i)) 0 (genList (i: i) (60000 / size))) [ 4 40 400 4000 40000 ]
