# test: parse
"a\n\"\\\${x}$"
