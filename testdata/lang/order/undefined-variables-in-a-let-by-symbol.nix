let z = undefinedFirst; name = undefinedSecond; in 1
