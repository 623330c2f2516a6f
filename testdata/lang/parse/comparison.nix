# test: parse
a: b: [ (a < b) (a <= b) (a > b) (a >= b) (a == b) (a != b) ]
