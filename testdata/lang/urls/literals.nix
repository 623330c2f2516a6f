[ http://example.org https://a.b/c?d=e&f=g ftp://x.y mailto:someone@example.org x:y a+b.c-d:e%20f a:b:c ]
