# test: stderr
let aVeryLongNameThatMakesTheLineLong = 1; anotherVeryLongNameThatMakesTheLineLonger = "text"; in aVeryLongNameThatMakesTheLineLong + anotherVeryLongNameThatMakesTheLineLonger
