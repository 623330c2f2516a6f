{ "hello world" = 1; }."hello worl"
