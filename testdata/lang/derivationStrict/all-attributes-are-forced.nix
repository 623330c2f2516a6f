derivationStrict { name = "d"; system = "x"; builder = "b"; z = throw "z"; }
