abort "it's \"quoted\""
