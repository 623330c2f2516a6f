let x = if x then 1 else 2; in x
