''
    x

    y
  
    z
''
