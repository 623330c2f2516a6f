[ (builtins.isInt (1 / 2)) (builtins.isInt (1 * 1.0)) (builtins.isInt (builtins.length [ ])) ]
