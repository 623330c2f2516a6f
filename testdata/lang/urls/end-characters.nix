[ http://a.b/c,d http://a.b/~e http://a.b/'f (http://a.b/g) ]
