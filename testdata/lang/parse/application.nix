# test: parse
f: f 1 2 (f 3) { } [ ]
