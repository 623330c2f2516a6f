# What is remembered of one set with computed names must not show in the next: names, values, order, positions.
let
  make = { a ? null, b ? null, c ? "c", x ? 1 }: {
    s = x;
    ${a} = "a${toString x}";
    t = [ x ];
    ${b} = y: x + y;
    ${c} = builtins.seq x x;
  };
  pos = set: name: let p = builtins.unsafeGetAttrPos name set; in [ p.line p.column ];
  sets = [
    (make { })
    (make { a = "p"; })
    (make { a = "p"; x = 2; })
    (make { b = "p"; x = 3; })
    (make { a = "zz"; b = "r"; c = null; x = 4; })
    (make { a = null; b = null; c = null; x = 5; })
    (make { a = "p"; x = 6; })
    (make { a = "r"; b = "p"; x = 7; })
    (make { a = "p"; b = "r"; x = 8; })
  ];
  names = map builtins.attrNames sets;
  many = builtins.genList (i: { ${"n${toString i}"} = i; ${if i > 50 then "m" else null} = -i; k = i; }) 100;
in
{
  inherit sets names;
  positions = map (set: map (pos set) (builtins.attrNames set)) sets;
  many = builtins.foldl' (sum: set: sum + builtins.length (builtins.attrNames set) + set.k + (set.m or 0)) 0 many;
  last = builtins.elemAt many 99;
  inRec = map (n: rec { inherit n; two = n + n; ${if n > 1 then "three" else null} = two + n; }) [ 1 2 3 1 ];
  overrides = map (o: rec { __overrides = o; a = 1; ${"b"} = a; ${if o ? c then "d" else null} = 4; }) [ { a = 2; } { c = 3; } { a = 5; c = 6; } { } ];
}
