builtins.getContext "${./_files/c.txt}"
