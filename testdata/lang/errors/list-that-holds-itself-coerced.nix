let x = [ x ]; in builtins.readFile x
