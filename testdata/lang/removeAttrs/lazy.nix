removeAttrs { a = throw "x"; b = 1; } [ "a" ]
