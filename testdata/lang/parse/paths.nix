# test: parse
[ /a/b ./c ../d e/f /. ]
