builtins.seq { a = throw "inside"; } "ok"
