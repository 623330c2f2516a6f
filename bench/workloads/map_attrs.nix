# mapAttrs, zipAttrsWith, functionArgs and recursion through nested sets.
let
  inherit (builtins) attrNames attrValues foldl' genList isAttrs length listToAttrs mapAttrs zipAttrsWith;
  tree = depth:
    if depth == 0 then { leaf = depth; other = "x"; }
    else listToAttrs (genList (i: { name = "n${toString i}"; value = tree (depth - 1); }) 5);
  mapRecursive = f: mapAttrs (name: value: if isAttrs value then mapRecursive f value else f name value);
  count = set: foldl' (sum: value: sum + (if isAttrs value then count value else 1)) 0 (attrValues set);
  marked = mapRecursive (name: value: "${name}=${toString value}") (tree 7);
  zipped = zipAttrsWith (name: values: length values) (genList (i: mapAttrs (_: v: i) (listToAttrs (genList (j: { name = "k${toString (j + i)}"; value = j; }) 50))) 4000);
in
[ (count marked) marked.n0.n1.n2.n3.n4.n0.n2.leaf (foldl' (a: b: a + b) 0 (attrValues zipped)) (length (attrNames zipped)) ]
