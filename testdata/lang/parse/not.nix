# test: parse
x: [ (!x) (!!x) (!x && x) (!x == x) (!x.a ? b) ]
