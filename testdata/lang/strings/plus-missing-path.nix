"a" + ./_files/missing.txt
