let x = [ x ]; in with x; a
