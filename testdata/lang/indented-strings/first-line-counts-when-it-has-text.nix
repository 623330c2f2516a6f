''one
    two
  three''
