# Thousands of derivations that depend on each other: environments, contexts, store paths.
let
  inherit (builtins) attrValues concatStringsSep elemAt foldl' genList hashString toString;
  width = 100;
  layers = 100;
  source = i: builtins.toFile "source-${toString i}" "content of ${toString i}";
  make = layer: below: i: derivation {
    name = "package-${toString layer}-${toString i}";
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-c" "build ${concatStringsSep " " (map (d: "${d}/lib") below)}" ];
    outputs = if i - i / 2 * 2 == 0 then [ "out" "dev" ] else [ "out" ];
    src = source i;
    buildInputs = below;
    inherit (rec { version = "1.${toString i}"; pname = "package-${version}"; }) version pname;
    configureFlags = [ "--prefix=${placeholder "out"}" "--layer=${toString layer}" ];
    enableParallelBuilding = true;
  };
  rest = i: i - i / width * width;
  layer = below: number: genList (i: make number (if below == [ ] then [ ] else map (k: elemAt below (rest (i * k + k))) [ 1 2 3 ]) i) width;
  last = foldl' layer [ ] (genList (i: i) layers);
in
hashString "sha256" (concatStringsSep "\n" (map (d: d.drvPath) last))
