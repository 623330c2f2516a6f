let a = { inherit b; n = 1; }; b = { inherit a; n = 2; }; in a
