# test: parse
""
