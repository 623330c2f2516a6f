let fix = f: f (fix f); in fix (self: n: if n == 0 then 1 else n * self (n - 1)) 5
