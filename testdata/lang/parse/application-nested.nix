# test: parse
f: (f 1) 2
