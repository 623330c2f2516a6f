# test: raw
./_files/raw.txt
