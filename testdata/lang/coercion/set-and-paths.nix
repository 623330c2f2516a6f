# The sum of a set and a path is a string, after which paths are copied.
{ __toString = self: "t"; } + /nowhere/a + /nowhere/b
