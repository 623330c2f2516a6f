# test: parse
a: b: { inherit a b; inherit (a) c d "e f"; inherit ({ g = 1; }) g; inherit; }
