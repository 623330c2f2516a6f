# test: stderr
# Each attribute of a large set is evaluated once, wherever it is asked for, and what nobody asks for never.
let
  inherit (builtins) genList listToAttrs mapAttrs trace;
  base = listToAttrs (genList (i: { name = "x${toString i}"; value = i; }) 1300);
  traced = mapAttrs (name: v: trace "evaluating ${name}" [ v ]) base;
  over = traced // mapAttrs (name: v: trace "upper ${name}" v) { x1 = "one"; } // base // traced;
  derived = mapAttrs (name: v: trace "derived ${name}" (v ++ v)) (base // traced);
in
[
  traced.x5
  over.x5
  (traced // { x6 = 1; }).x5
  derived.x5
  derived.x7
  (with derived; x7)
  (derived ? x8)
  over.x1
  (builtins.attrNames derived == builtins.attrNames base)
  (builtins.seq (builtins.attrValues derived) traced.x9)
  (builtins.tryEval (mapAttrs (_: _: throw "no") base).x3).success
]
