[ (builtins.sub 1 0.5) (builtins.sub 0.1 0.3) (builtins.sub (-9223372036854775807) 1) (builtins.sub 0 0.0) ]
