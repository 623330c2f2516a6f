# nlohmann puts the line's end back after a number, and has forgotten the column by then.
builtins.fromJSON "04\n"
