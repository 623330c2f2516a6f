(builtins.mapAttrs (n: v: v) (builtins.listToAttrs (builtins.genList (i: { name = "a${toString i}"; value = i; }) 40))) 1
