builtins.hashFile "crc32" ./_files/data.txt
