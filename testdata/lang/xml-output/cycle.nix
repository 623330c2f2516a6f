# test: xml
# test: no-location
# test: option max-call-depth 100
let s = { me = s; }; in s
