builtins.fromTOML "basic = \"tab\\tquote\\\" \\u00E9 \\U0001F600\"\nliteral = 'C:\\path'\nmulti = \"\"\"\nfirst\nsecond \\\n   joined\"\"\"\nmlit = '''\nraw \\n\nnext'''\n"
