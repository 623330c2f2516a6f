# test: parse
{ b, a ? 1, c ? { } }: a
