# test: xml
# test: no-location
{ i = 1; f = 1.5; s = "s<>&\"\n"; t = true; n = null; l = [ 1 [ ] ]; p = /a/b; a = { }; fn = x: x; at = { a, b ? 1, ... }@args: a; prim = map; app = map (x: x); }
