# test: json
[ ./_files/text.txt ]
