# test: stderr
# test: json
# test: option max-call-depth 100
let s = { a = 1; me = s; }; in s
