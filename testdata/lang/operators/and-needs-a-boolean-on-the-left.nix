"x" && true
