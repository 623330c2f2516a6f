let mk = x: y: x; a = mk 1; x = 5; in a x
