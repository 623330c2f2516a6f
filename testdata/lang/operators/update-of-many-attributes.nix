let mk = p: n: builtins.listToAttrs (builtins.genList (i: { name = "${p}${toString i}"; value = i; }) n);
in builtins.attrNames (mk "a" 20 // mk "b" 3 // { a5 = "new"; } // mk "c" 12)
