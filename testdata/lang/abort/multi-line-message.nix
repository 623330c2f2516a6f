abort "one\ntwo"
