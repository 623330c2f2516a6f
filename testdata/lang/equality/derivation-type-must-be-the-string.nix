[ ({ type = "derivation"; outPath = "/o"; x = 1; } == { type = "other"; outPath = "/o"; x = 1; }) ({ type = "derivation"; x = 1; } == { type = "derivation"; x = 1; }) ]
