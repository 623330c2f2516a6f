# test: env CORPUS_VARIABLE=some value
builtins.getEnv "CORPUS_VARIABLE"
