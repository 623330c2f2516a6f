1 + { s = builtins.concatStringsSep "" (builtins.genList (x: "0123456789") 200); }.s.x
