"s" + { outPath = /nowhere/x; }
