let
  drv = derivation { name = "a"; system = "x"; builder = "b"; };
  file = builtins.toFile "a.drv" ''Derive([("out","/nix/store/mx735vk17fbgvrjr0zk0wqfylg1i1996-a","","")],[],[],"x","b",[],[("builder","b"),("name","a"),("out","/nix/store/mx735vk17fbgvrjr0zk0wqfylg1i1996-a"),("system","x")])'';
in
builtins.seq file [ file drv.drvPath drv.outPath (derivation { name = "b"; system = "x"; builder = "b"; inherit drv; }).outPath ]
