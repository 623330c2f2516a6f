# test: stderr
builtins.warn "" (builtins.warn " \n" (builtins.warn "\nx" 1))
