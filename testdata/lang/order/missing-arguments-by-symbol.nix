({ zz, name }: 1) { }
