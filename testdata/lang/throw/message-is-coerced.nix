throw { outPath = "/from/out-path"; }
