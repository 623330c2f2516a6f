# test: parse
x
