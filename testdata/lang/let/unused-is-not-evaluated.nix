let a = throw "not needed"; in 1
