"a" + ./_files/one.txt
