builtins.tryEval (({ a }: a) { a = throw "x"; })
