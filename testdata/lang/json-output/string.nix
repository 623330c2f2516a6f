# test: json
"a\"b\\c\n${"\${"}"
