let n = "x"; in { ${n} = 1; "${n}y" = 2; ${n + "z"}.deep = 3; a.${n} = 4; }
