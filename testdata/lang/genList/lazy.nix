builtins.elemAt (builtins.genList (x: if x == 0 then throw "x" else x) 2) 1
