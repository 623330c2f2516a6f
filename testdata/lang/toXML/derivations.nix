builtins.toXML { type = "derivation"; drvPath = "/d.drv"; outPath = "/o"; name = "n"; meta.x = 1; }
