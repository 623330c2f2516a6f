let d = derivation { name = "x"; builder = "b"; system = "s"; };
in map (n: builtins.unsafeGetAttrPos n d) [ "all" "drvAttrs" "drvPath" "type" "outputName" "out" "outPath" "name" ]
