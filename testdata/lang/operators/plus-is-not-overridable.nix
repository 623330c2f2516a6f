let __add = a: b: "add"; in 5 + 3
