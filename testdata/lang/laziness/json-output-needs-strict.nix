# test: json
# test: no-strict
{ a = 1 + 1; }
