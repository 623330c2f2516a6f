# test: stderr
# test: option lint-url-literals warn
http://example.org
