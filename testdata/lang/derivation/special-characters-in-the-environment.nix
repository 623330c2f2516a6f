(derivation { name = "d"; system = "x"; builder = "b"; v = "q\" b\\ n\n r\r t\t é \${x} '"; "odd name" = "x"; "" = "empty"; }).drvPath
