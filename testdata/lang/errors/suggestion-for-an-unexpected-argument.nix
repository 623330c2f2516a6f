({ first, second ? 1 }: first) { first = 1; secnd = 2; }
