(import <nix/fetchurl.nix> { url = "a"; hash = ""; unpack = true; executable = 1; }).outputHashMode
