[ (builtins.bitXor 12 10) (builtins.bitXor (-1) 1) (builtins.bitXor 5 5) ]
