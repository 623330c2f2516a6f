# test: stderr
[ "日本" (1 + "a") ]
