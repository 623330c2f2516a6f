let d = x: (derivation ({ name = "d"; system = "x"; builder = "b"; } // x)).drvPath; in [ (d { out = "mine"; } == d { }) (d { out = "mine"; }) ]
