assert false && 1 == 1.5 || "a" < "b" && null == null && -1 == -1 && __curPos == 1; 0
