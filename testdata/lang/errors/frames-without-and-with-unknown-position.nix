# test: stderr
[ (builtins.toJSON [ [ [ [ [ [ (throw "inner") ] ] ] ] ] ]) ]
