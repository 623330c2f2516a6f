let "a b" = 1; x = 2; in x
