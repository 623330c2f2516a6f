let d = ".."; in /a/b/${d}
