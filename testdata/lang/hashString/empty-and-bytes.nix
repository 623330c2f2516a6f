[ (builtins.hashString "sha256" "") (builtins.hashString "sha1" "é日") ]
