"abc${1
