let t = true; f = false; in [ (t && t && f) (f && throw "no") (t && (f || t) && t) ]
