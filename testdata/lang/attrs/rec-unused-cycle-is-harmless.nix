(rec { a = a; b = 1; }).b
