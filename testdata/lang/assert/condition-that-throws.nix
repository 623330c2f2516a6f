assert throw "cond"; 1
