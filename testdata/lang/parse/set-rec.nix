# test: parse
rec { a = b; b = 1; }
