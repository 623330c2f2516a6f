"${./_files/one.txt}"
