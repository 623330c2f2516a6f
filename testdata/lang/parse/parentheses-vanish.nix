# test: parse
((((1 + (2)))))
