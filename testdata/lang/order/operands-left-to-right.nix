# test: stderr
let t = builtins.trace; in [ (t "a" 1 + t "b" 2) (t "c" 1 < t "d" 2) (t "e" 1 == t "f" 2) (t "g" [ ] ++ t "h" [ ]) (t "i" { } // t "j" { }) (t "k" 6 / t "l" 2) (t "m" 1 > t "n" 2) ]
