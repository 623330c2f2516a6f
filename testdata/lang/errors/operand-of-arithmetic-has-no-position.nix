# test: stderr
# Arithmetic is a call of a builtin, which gets the variable's content and has no position to run it at.
map (v:
  2 * v - 1
) (map builtins.head [ [ ] ])
