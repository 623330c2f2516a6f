# test: stderr
let s = { __toString = self: builtins.trace "to string" "s"; }; in "${s}${s}"
