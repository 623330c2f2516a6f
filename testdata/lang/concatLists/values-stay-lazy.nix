builtins.length (builtins.concatLists [ [ (throw "x") ] [ 1 ] ])
