# test: parse
42
