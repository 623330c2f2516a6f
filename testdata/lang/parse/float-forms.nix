# test: parse
[ .5 1. 1.0e10 1.25 0.1e-5 ]
