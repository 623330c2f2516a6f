# test: stderr
{ zz = builtins.trace "zz" 1; name = builtins.trace "name" 2; type = builtins.trace "type" 3; outPath = builtins.trace "outPath" 4; map = builtins.trace "map" 5; }
