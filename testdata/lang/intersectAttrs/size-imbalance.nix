let big = builtins.listToAttrs (builtins.genList (i: { name = "n${toString i}"; value = i; }) 100); in
[ (builtins.intersectAttrs { n5 = 0; n50 = 0; zz = 0; } big) (builtins.intersectAttrs big { n7 = "seven"; q = 1; }) ]
