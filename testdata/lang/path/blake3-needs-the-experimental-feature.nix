builtins.path { path = ./missing; sha256 = "blake3-rxNJufX5oaagQE3qNtzJSZvLJcmtwRK3zJqTyuQfMmI="; }
