let a = { b = true; }; in [ (!a ? c) (!a.b) ]
