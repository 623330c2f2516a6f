# test: no-strict
let s = { me = s; n = 1; }; in s.me.me
