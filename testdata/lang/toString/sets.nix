[ (toString { outPath = "/o"; }) (toString { __toString = s: "x${s.y}"; y = "z"; }) ]
