# Elements are shown as the cells they are, as arguments of builtins.
let x = [ x ]; in [ { } ] < x
