[
(builtins.zipAttrsWith (n: vs: { inherit n vs; }) [ { a = 1; b = 2; } { b = 3; c = 4; } ])
(builtins.zipAttrsWith (name: values: { inherit name values; }) [
  { z = 1; a = 2; }
  { }
  { m = 3; a = 4; }
  ({ a = 5; } // { q = 6; z = 7; })
  { a = 8; }
])
]
