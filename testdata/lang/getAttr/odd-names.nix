builtins.getAttr "a b" (builtins.listToAttrs [ { name = "a b"; value = builtins.getAttr "" { "" = 1; }; } ])
