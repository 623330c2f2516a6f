# test: stdin
# test: option restrict-eval true
# test: env CORPUS_VARIABLE=x
builtins.getEnv "CORPUS_VARIABLE"
