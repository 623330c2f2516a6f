builtins.readDir ./_files/link-to-directory
