http://example.org/a#b
