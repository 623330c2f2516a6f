map (a: builtins.hashFile a ./_files/data.txt) [ "md5" "sha1" "sha256" "sha512" ]
