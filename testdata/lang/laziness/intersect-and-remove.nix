# test: no-strict
builtins.intersectAttrs { a = 1; b = 1; } (removeAttrs { a = 1 + 1; b = 2; c = 3; } [ "c" ])
