builtins.filterSource (p: t: t != "symlink") ./_files/links
