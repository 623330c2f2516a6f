toString toString
