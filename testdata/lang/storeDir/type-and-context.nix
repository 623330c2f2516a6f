[ (builtins.typeOf builtins.storeDir) (builtins.hasContext builtins.storeDir) ]
