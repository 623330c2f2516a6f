{ inherit (throw "not needed") a; b = 1; }.b
