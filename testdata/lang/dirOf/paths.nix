map dirOf [ /a/b/c /a/b /a /. ]
