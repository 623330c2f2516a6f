let iff = 1; lets = 2; in_ = 3; rec' = 4; with- = 5; inherits = 6; or_ = 7; Then = 8; in [ iff lets in_ rec' with- inherits or_ Then ]
