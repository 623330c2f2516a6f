"abc${}"
