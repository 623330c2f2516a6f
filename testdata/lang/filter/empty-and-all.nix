[ (builtins.filter (x: true) [ ]) (builtins.filter (x: true) [ 1 2 ]) (builtins.filter (x: false) [ 1 2 ]) ]
