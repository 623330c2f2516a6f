let l = [ 1 2 ]; m = l; in { inherit l m; }
