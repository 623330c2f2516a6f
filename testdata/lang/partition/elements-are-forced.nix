builtins.partition (x: true) [ (throw "forced") ]
