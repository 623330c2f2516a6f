rec { a = 1; __overrides = { a = 2; }; ${"d" + "1"} = a; }
