let v = "V"; in ''
    ${v}
      a
    b
''
