# test: option lint-url-literals fatal
http://example.org
