map (x: x.key) (builtins.genericClosure {
  startSet = [ { key = "a"; } ];
  operator = { key, ... }: if builtins.stringLength key > 2 then [ ] else [ { key = key + "x"; } { key = key + "y"; } ];
})
