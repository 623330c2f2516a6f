"${{ a = "x"; }.a}${(let y = { b = { c = "z"; }; }; in y.b).c}"
