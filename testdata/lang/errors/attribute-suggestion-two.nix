{ aa1 = 1; aa2 = 2; zz = 3; }.aa3
