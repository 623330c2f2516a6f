''
      a
   
    b
        
      c
''
