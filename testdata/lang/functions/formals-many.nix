({ a, b, c, d, e, f, g, h, i, j, k ? 11 }: [ a b c d e f g h i j k ])
{ k = 0; j = 10; i = 9; h = 8; g = 7; f = 6; e = 5; d = 4; c = 3; b = 2; a = 1; }
