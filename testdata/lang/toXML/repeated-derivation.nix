let d = { type = "derivation"; drvPath = "/d.drv"; outPath = "/o"; name = "n"; }; in builtins.toXML [ d d ]
