# What is inherited from a variable is looked up when it is wanted, and its errors say where.
let
  source = { a = 1; f = x: x; b = throw "not wanted"; };
  nested = { inherit source; };
  g = source: { inherit (source) a; };
  lazy = { inherit (throw "source") x; inherit (never) y; };
  never = throw "never";
in
rec {
  inherit (source) a;
  plain = { inherit (source) a f b; }.a;
  same = { inherit (source) f; } == { inherit (source) f; };
  argument = (g { a = 2; }).a;
  names = builtins.attrNames lazy;
  deep = { inherit (nested.source) a; inherit (nested) source; }.source.a;
  failed = builtins.tryEval { inherit (never) y; }.y;
  withs = with { w = { v = 3; }; }; { inherit (w) v; };
}
