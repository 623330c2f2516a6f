let x = assert x; 1; in x
