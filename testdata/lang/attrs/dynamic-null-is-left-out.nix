{ ${null} = throw "not needed"; a = 1; ${if false then "b" else null} = 2; }
