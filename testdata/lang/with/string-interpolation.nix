with { a = "v"; }; "x${a}y"
