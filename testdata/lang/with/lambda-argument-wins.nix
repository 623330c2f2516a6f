(a: with { a = "with"; }; a) "argument"
