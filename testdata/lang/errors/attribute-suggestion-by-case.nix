{ fooBar = 1; }.foobar
