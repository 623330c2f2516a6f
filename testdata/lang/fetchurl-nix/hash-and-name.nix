let d = import <nix/fetchurl.nix> { url = "http://example.org/x"; hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; name = "renamed"; }; in [ d.drvPath d.outPath ]
