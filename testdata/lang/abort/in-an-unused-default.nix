({ a, b ? abort "b" }: a) { a = 1; }
