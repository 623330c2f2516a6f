# test: parse
1.50e1
