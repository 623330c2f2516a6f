(derivation { name = "d"; system = "x"; builder = "b"; passAsFile = [ "text" ]; text = "long"; }).drvPath
