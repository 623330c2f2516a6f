# The derivations in drvs/, show.json, export.bin and narinfo are what Nix 2.34.8 makes of this file:
#   nix-instantiate derivations.nix            (experimental: ca-derivations dynamic-derivations impure-derivations)
#   nix derivation show <all but bytes.drv>
#   nix-store --export <closure of multi.drv>
#   nix copy --to "file://cache?compression=none&secret-key=…" multi.drv
# The key is that of the seed of 32 bytes 1, named test-1.
let
  fod = derivation { name = "src.tar.gz"; system = "x86_64-linux"; builder = "builtin:fetchurl"; url = "http://example.org/a"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; };
  fod2 = derivation { name = "src.tar.gz"; system = "x86_64-linux"; builder = "/bin/sh"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; };
  fodr = derivation { name = "r"; system = "x86_64-linux"; builder = "/bin/sh"; outputHashMode = "recursive"; outputHashAlgo = "sha1"; outputHash = "da39a3ee5e6b4b0d3255bfef95601890afd80709"; };
  fodm = derivation { name = "m"; system = "x86_64-linux"; builder = "/bin/sh"; outputHashMode = "recursive"; outputHash = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="; };
  txt = builtins.toFile "builder.sh" "echo \"hi\"\t\\n\n";
  multi = derivation { name = "multi"; system = "x86_64-linux"; builder = "${txt}"; outputs = ["out" "dev" "a.b"]; args = ["-e" "a\"b\\c\n\r\t" "é" (builtins.fromJSON "\"\\u0001 \\u001f\\u007f \\n\"")]; empty = ""; src = fod; src2 = fod2; r = [ fodr fodm ]; "weird \"name\"" = "x"; };
  sa = derivation { name = "sa"; system = "x86_64-linux"; builder = "/bin/sh"; __structuredAttrs = true; outputs = ["out" "lib"]; x = { y = [1 2.5 null true "ü\n"]; m = multi.dev; }; };
  ca = derivation { name = "ca"; system = "x86_64-linux"; builder = "/bin/sh"; __contentAddressed = true; outputs = ["out" "bin"]; d = multi; self = builtins.placeholder "bin"; };
  dca = derivation { name = "dca"; system = "x86_64-linux"; builder = "/bin/sh"; outputs = ["out" "bin"]; d = ca.bin; x = multi; };
  ddca = derivation { name = "ddca"; system = "x86_64-linux"; builder = "/bin/sh"; d = dca; };
  imp = derivation { name = "imp"; system = "x86_64-linux"; builder = "/bin/sh"; __impure = true; d = ddca; };
  cat = derivation { name = "cat"; system = "x86_64-linux"; builder = "/bin/sh"; __contentAddressed = true; outputHashMode = "text"; outputHashAlgo = "sha256"; };
  dyndrv = derivation { name = "x.drv"; system = "x86_64-linux"; builder = "/bin/sh"; __contentAddressed = true; outputHashMode = "text"; outputHashAlgo = "sha256"; };
  dyn = derivation { name = "dyn"; system = "x86_64-linux"; builder = "/bin/sh"; d = builtins.outputOf dyndrv.outPath "out"; e = builtins.outputOf (builtins.outputOf dyndrv.outPath "bin") "dev"; f = multi; };
  deep = derivation { name = "deep"; system = "x86_64-linux"; builder = "/bin/sh"; drvs = multi.drvPath; s = sa.lib; };
  bytes = derivation { name = "bytes"; system = "x86_64-linux"; builder = "/bin/sh"; latin = "�"; };
in { inherit fod fod2 fodr fodm multi sa ca dca ddca imp cat dyndrv dyn deep bytes; }
