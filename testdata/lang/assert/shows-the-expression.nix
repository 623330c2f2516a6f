let a = { b = false; }; f = x: !x; in assert a.b || f true && a ? c && ({ inherit a; x.y = [ 1 (-2) "s\n" ]; } == { }) ; 0
