let s = { a = throw "x"; }; in s == { a = throw "x"; }
