let count = n: if n == 0 then [ ] else [ n ] ++ count (n - 1); in count 5
