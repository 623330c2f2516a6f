[ (removeAttrs { a = 1; } [ ]) (removeAttrs { } [ "a" ]) (removeAttrs { a = 1; } [ "a" "a" ]) ]
