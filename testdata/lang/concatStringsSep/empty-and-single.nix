[ (builtins.concatStringsSep "," [ ]) (builtins.concatStringsSep "," [ "a" ]) (builtins.concatStringsSep "," [ "" "" ]) ]
