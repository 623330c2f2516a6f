# test: parse
let { body = a; a = 1; }
