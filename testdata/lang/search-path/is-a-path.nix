# test: include lib=search-path/_files
builtins.typeOf <lib>
