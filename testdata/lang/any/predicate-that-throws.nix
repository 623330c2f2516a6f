builtins.any (x: throw "pred ${toString x}") [ 7 ]
