let a = 1; in (let b = 2; in b + 3 * a) + 1
