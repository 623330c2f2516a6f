with { a = throw "not needed"; b = 1; }; b
