with { a = 1; b = 5; }; rec { a = 2; c = a + b; }
