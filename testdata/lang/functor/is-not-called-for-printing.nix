{ __functor = throw "not called"; a = 1; }.a
