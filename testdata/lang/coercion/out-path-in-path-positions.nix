builtins.pathExists { outPath = /nonexistent/thing; }
