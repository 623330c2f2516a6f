# test: option extra-experimental-features blake3-hashes
map (builtins.hashString "blake3") [ "" "abc" ]
