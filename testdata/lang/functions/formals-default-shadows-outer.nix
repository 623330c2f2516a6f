let x = "outer"; in ({ x ? "default", y ? x }: y) { }
