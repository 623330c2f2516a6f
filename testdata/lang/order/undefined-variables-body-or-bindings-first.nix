let z = undefinedFirst; in undefinedSecond
