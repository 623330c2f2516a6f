# test: parse
http://example.org/path?x=y
