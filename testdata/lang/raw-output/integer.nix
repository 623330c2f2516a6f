# test: raw
1
