{ a }@@b: a
