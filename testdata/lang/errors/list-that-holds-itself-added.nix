let x = [ x ]; in builtins.add x 1
