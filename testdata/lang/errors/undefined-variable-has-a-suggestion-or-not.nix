let abcdef = 1; in abcdeg
