{ aa1 = 1; aa2 = 2; aa4 = 3; zzz = 4; }.aa3
