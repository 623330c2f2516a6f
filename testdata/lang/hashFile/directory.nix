builtins.hashFile "sha256" ./_files
