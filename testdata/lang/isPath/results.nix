[ (builtins.isPath (./a + "b")) (builtins.isPath (toString ./a)) (builtins.isPath "${toString /x}") (builtins.isPath (dirOf /a/b)) ]
