# test: stderr
# test: include gone=/nonexistent/dir
(builtins.tryEval <gone>).success
