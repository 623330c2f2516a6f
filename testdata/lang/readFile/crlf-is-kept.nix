builtins.readFile ./_files/crlf
