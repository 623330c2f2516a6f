# test: parse
let in 1
