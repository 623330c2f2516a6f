# `//` of small sets, the same shapes again and again and shapes that differ.
# goal: 0.6
let
  defaults = { name = "a"; enable = false; port = 0; host = "localhost"; };
  over = i: [ { port = i; } { enable = true; port = i + 1; } { name = "b"; user = "c"; port = i + 2; } ];
  step = sum: i:
    let
      made = builtins.foldl' (a: b: a // b) defaults (over i);
      grown = made // { "k${toString (i - i / 10 * 10)}" = i; };
    in
    sum + made.port + (if grown.enable then grown.port else 0);
in
builtins.foldl' step 0 (builtins.genList (i: i) 300000)
