[
(removeAttrs { a = 1; b = 2; c = 3; } [ "a" "c" "missing" ])
(let
  names = [ "a" "b" "c" "d" "e" "f" "g" "none" "b" ];
  small = { a = 1; x = 2; };
  large = builtins.listToAttrs (builtins.genList (i: { name = "n${toString i}"; value = i; }) 40);
  throwing = [ "a" "b" "c" "d" "e" "f" "g" (throw "a name") ];
in
[
  (removeAttrs small names)
  (removeAttrs { a = 3; x = 4; } names)
  (removeAttrs { x = 5; } names)
  (removeAttrs { } names)
  (builtins.attrNames (removeAttrs (large // { c = 1; }) names) == builtins.attrNames large)
  (removeAttrs { a = 1; y = 2; } (names ++ [ "y" ]))
  (builtins.tryEval (removeAttrs small throwing)).success
  (builtins.unsafeGetAttrPos "x" (removeAttrs small names)).line
])
]
