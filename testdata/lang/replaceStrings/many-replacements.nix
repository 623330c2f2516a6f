# More than one piece of the result, whose parts are long and short.
let
  repeat = n: s: builtins.concatStringsSep "" (builtins.genList (i: s + toString i) n);
  long = repeat 3000 "x";
  hash = builtins.hashString "sha256";
in
[
  (hash (builtins.replaceStrings [ "a" "1" ] [ "bb" long ] (repeat 2000 "-a")))
  (hash (builtins.replaceStrings [ "a" "" ] [ "b" "." ] (repeat 5000 "-a")))
  (builtins.stringLength (builtins.replaceStrings [ "a" ] [ long ] (repeat 100 "a")))
]
