let a = "let"; in (b: with { a = "with"; b = "with"; c = "with"; }; [ a b c ]) "lambda"
