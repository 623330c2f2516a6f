# test: parse
with { a = 1; }; a
