# Strings are ordered by their bytes, also by those that are no ASCII.
let
  inherit (builtins) lessThan map sort;
  strings = [ "é" "e" "z" "" "ä" "Z" "zz" "ez" "日" "€" "a b" "a-b" "a" "\t" ];
in
[ (sort lessThan strings) (sort lessThan (map (s: s + "x") strings)) (sort (a: b: b < a) strings) ]
