let f = x: x; s = { inherit f; }; in [ (s == s // { }) ({ a = s; } == { a = s; }) ({ a.f = f; } == { a = s; }) ]
