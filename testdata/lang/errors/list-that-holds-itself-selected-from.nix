# A select evaluates a copy, which isn't the cell that its element is.
let x = [ x ]; in x.a
