# test: stderr
let show = builtins.mapAttrs (name: value: builtins.trace name (if builtins.isAttrs value then show value else value));
in show (builtins.fromTOML ''
  one-more-key = 1
  a-key-of-more-than-sixteen-bytes = { inner-one = 1, inner-two = 2 }
  [table-b.deep-b]
  deep-key = 1
  [table-a]
  another-key = 2
'')
