# test: parse
{ "if" = 1; "a-b" = 2; "1" = 3; "" = 4; "a.b" = 5; or = 6; "let" = { "in" = 7; }; }
