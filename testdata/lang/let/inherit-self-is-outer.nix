let x = "outer"; in let inherit x; in x
