# test: parse
x: [ (-x) (-1) (- -x) (-x * 2) (2 * -x) ]
