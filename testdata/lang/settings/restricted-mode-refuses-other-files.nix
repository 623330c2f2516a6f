# test: option restrict-eval true
builtins.readFile /etc/passwd
