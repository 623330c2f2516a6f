[ 1 (-1) 1.5 true false null "s" /a/b ]
