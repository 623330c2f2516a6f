# Each form of expression is evaluated several times: what it remembers from the first time must not show.
let
  shapes = [
    { a.b.c = 1; s = "x"; l = [ 1 2 ]; f = x: x + 1; }
    { a.b.c = 2; s = "y"; l = [ ]; f = x: x * 2; more = true; }
    { a.b = { c = 3; d = 4; }; s = "z"; l = [ 3 ]; f = { __functor = self: x: x; }; }
    { a.b.c = 1; s = "x"; l = [ 1 2 ]; f = x: x + 1; }
  ];
  look = i: v: {
    path = v.a.b.c;
    default = v.a.b.d or v.more or i;
    deep = v.a.b.c.nothing or "none";
    has = v ? more && !(v ? a.b.d) || v ? a.b.d.e;
    computed = [ v.${"a"}.${"b"}.c ] ++ v."l${""}" or [ i ];
    with' = with v; with a; [ s b.c l ];
    text = "${v.s}-${toString v.a.b.c}";
    indented = ''
      ${v.s}
        of ${toString i}
    '';
    list = v.l ++ [ i ] ++ v.l;
    merged = v.a // { b = v.a.b // { "x${toString i}" = i; }; };
    call = v.f i;
    formals = ({ a, s, more ? s, ... }@all: [ a.b.c more (all ? more) ]) v;
    let' = let x = v.a; inherit (x) b; y = b.c + i; in y * y - x.b.c / 1;
    rec' = rec { inherit (v) s; t = s + u; u = "!"; ${"d" + toString i} = t; };
    cond = if v ? more then assert v.more; i else -i;
    compare = [ (v.a == { b.c = 1; }) (v.s != "x") (v.a.b.c < 2) (v.l <= [ 1 ]) ];
    lambda = (x: y: x + y) i (v.a.b.c);
    pos = builtins.isAttrs __curPos;
  };
  rounds = builtins.genList (n: builtins.genList (i: look (n + i) (builtins.elemAt shapes i)) 4) 3;
in
rounds
