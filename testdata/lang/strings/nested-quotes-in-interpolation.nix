let x = { "a b" = "c"; }; in "pre ${x."a b"} ${"in${"ner"}"} post"
