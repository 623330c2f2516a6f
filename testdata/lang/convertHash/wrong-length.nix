builtins.convertHash { hash = "d41d8cd98f00b204e9800998ecf8427"; hashAlgo = "md5"; toHashFormat = "sri"; }
