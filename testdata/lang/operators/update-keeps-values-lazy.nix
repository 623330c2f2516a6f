({ a = throw "x"; } // { a = 1; b = throw "y"; }).a
