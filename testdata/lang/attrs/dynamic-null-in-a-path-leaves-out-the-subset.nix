{ a.${null} = 1; ${null}.b = 2; }
