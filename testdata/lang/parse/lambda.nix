# test: parse
x: y: x
