builtins.groupBy (x: throw "no") [ ]
