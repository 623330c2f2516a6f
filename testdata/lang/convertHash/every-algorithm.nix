let c = a: builtins.convertHash { hash = builtins.hashString a ""; hashAlgo = a; toHashFormat = "sri"; };
in map c [ "md5" "sha1" "sha256" "sha512" ]
