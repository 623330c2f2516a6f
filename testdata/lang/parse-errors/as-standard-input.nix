# test: stdin
{ a = 1
