undefinedFirst + undefinedSecond
