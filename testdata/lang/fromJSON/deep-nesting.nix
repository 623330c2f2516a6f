builtins.length (builtins.fromJSON (builtins.concatStringsSep "" (builtins.genList (_: "[") 200 ++ builtins.genList (_: "]") 200)))
