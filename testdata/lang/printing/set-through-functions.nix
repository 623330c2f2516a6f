let s = { a = 1; }; id = x: x; in [ (id s) s (s // { }) ({ } // s) ]
