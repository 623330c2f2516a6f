let d = { __toString = _: "s"; }; in (derivation { name = "d"; system = "x"; builder = "b"; a = d; }).drvPath == (derivation { name = "d"; system = "x"; builder = "b"; a = "s"; }).drvPath
