# test: no-strict
({ a, b ? 1 + 1, c ? 2, ... }@args: { inherit a b c args; }) { a = 1 + 1; d = [ ]; }
