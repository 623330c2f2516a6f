assert !(1 + 2 < 3 -> (if true then [ ] ++ [ ] != [ ] else false) || true // { } ? a); 0
