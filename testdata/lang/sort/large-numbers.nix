# Numbers that don't fit 32 bits, some of which don't fit a float.
let
  inherit (builtins) lessThan sort;
  small = [ 2147483647 (-2147483648) 0 (-1) 7 ];
  large = [ 2147483648 (-2147483649) 4294967296 3 (-4294967297) ];
  largest = [ 9223372036854775807 (-9223372036854775807) 9007199254740993 9007199254740992 1 ];
in
map (sort lessThan) [ small large (small ++ large) largest (largest ++ small) [ 1 0.5 ] ]
