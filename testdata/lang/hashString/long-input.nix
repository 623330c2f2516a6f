builtins.hashString "sha256" (builtins.concatStringsSep "" (builtins.genList (i: "block ${toString i}\n") 1000))
