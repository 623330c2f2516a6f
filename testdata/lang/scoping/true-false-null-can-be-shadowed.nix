let true = 0; false = 1; null = 2; in [ true false null (1 == 1) ]
