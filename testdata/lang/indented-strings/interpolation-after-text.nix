let v = "V"; in ''
    a ${v} b
    c
''
