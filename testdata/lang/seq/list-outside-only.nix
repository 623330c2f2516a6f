builtins.seq [ (throw "inside") ] "ok"
