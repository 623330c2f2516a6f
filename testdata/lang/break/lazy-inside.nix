(builtins.break { a = throw "x"; b = 2; }).b
