builtins.toFile (builtins.concatStringsSep "" (builtins.genList (_: "x") 212)) "x"
