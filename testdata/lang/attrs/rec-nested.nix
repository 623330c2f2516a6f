rec { a = 1; b = rec { c = a; d = c; a = 2; }; e = { a = 3; f = a; }; }
