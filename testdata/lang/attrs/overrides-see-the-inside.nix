rec { a = 1; x = 5; __overrides = { a = x; y = 1; }; b = a; }
