({ a ? args.b, b }@args: a) { b = 5; }
