[ (builtins.concatMap (x: [ ]) [ 1 2 ]) (builtins.concatMap (x: throw "no") [ ]) ]
