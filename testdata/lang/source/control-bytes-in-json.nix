# test: json
"ab"
