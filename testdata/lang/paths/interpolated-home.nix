let d = "x"; in ~/${d}/y
