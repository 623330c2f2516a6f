# test: no-strict
rec { a = 1; b = a; __overrides = { a = 1 + 1; }; }
