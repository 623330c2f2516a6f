[ (1 ? a) ("s" ? a) ([ ] ? a) (null ? a.b) ((x: x) ? a) ]
