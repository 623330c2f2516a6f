# test: stderr
builtins.seq (builtins.trace { a = 1; b = [ 1 2 ]; } 0) (builtins.trace [ 1 "two" 3.5 null true ] (builtins.trace (x: x) (builtins.trace /p 1)))
