# test: json
"café"
