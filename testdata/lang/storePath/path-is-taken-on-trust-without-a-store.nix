let p = builtins.storePath "/nix/store/00000000000000000000000000000000-missing/sub"; in [ p (builtins.getContext p) ]
