{ a = "éé"; b = __curPos.column; }.b
