{ completely = 1; different = 2; }.xyz
