({ a }: 1) { a = 1; zz = 1; name = 1; }
