# test: parse
s: s.a or s.b or s.c or 0
