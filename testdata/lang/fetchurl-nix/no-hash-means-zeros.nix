# test: stderr
(import <nix/fetchurl.nix> { url = "http://example.org/x"; }).outPath
