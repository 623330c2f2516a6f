let d = "a/b"; e = "/c"; in [ ./${d} ./x${e} /${d} ./${d}${e} ]
