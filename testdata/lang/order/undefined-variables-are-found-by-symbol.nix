{ a = undefinedFirst; path = undefinedSecond; }
