let c = f: builtins.convertHash { hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; toHashFormat = f; };
in map c [ "base16" "nix32" "base32" "base64" "sri" ]
