let a' = 1; a-b = 2; _x = 3; A1 = 4; a'-b_1 = 5; __ = 6; in [ a' a-b _x A1 a'-b_1 __ ]
