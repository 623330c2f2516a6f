# test: stderr
let unused = builtins.trace "never" 1; in builtins.length [ unused ]
