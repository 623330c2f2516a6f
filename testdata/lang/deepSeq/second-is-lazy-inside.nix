(builtins.deepSeq 1 { a = throw "x"; b = 2; }).b
