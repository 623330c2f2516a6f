let { body = let { body = a; a = b; }; b = 5; }
