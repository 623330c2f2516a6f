# test: env NIX_PATH=a=/nonexistent/a:/nonexistent/b
builtins.nixPath
