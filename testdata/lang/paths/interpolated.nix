let d = "dir"; f = "file"; in [ ./${d} ./${d}/${f}.nix ./a${d}b /x/${d} ./${d}/../y ]
