[ (if true then 1 else throw "not needed") (if false then throw "not needed" else 2) ]
