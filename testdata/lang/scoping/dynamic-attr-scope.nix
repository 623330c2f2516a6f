let n = "k"; s = rec { inherit n; ${n} = n; }; in s
