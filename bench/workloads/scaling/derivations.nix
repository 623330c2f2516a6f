# n derivations, each with three others as inputs (but the first); all their paths.
{ n, repeat }:
let
  inherit (builtins) elemAt foldl' genList hashString;
  once = round:
    let
      make = i: derivation {
        name = "package-${toString round}-${toString i}";
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-c" "build" ];
        outputs = [ "out" "dev" ];
        inputs = if i == 0 then [ ] else map (elemAt all) [ (i / 2) (i / 3) (i / 5) ];
        version = "1.${toString i}";
      };
      all = genList make n;
    in
    foldl' (digest: drv: hashString "sha256" (digest + drv.drvPath)) "" all;
in
foldl' (digest: round: hashString "sha256" (digest + once round)) "" (genList (i: i) repeat)
