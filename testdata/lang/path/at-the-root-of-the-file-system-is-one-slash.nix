[ (toString (/. + "/a")) (dirOf /a + "/b") (dirOf (dirOf /a/b)) ]
