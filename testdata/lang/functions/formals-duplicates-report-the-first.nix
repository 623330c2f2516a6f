{ b, a, b, a }: a
