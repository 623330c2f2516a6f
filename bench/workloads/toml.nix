# fromTOML of a lock file with thousands of packages.
let
  inherit (builtins) concatStringsSep fromTOML genList foldl' length stringLength hashString toJSON;
  package = i: ''
    [[package]]
    name = "crate-${toString i}"
    version = "0.${toString (i / 10)}.${toString (i - i / 10 * 10)}"
    source = "registry+https://example.org/index"
    checksum = "${hashString "sha256" (toString i)}"
    dependencies = [
     "crate-${toString (i + 1)}",
     "crate-${toString (i + 2)} 1.0",
    ]

    [package.metadata]
    features = { default = [ "std" ], size = ${toString i}, ratio = ${toString i}.5, on = true }

  '';
  text = "version = 3\n\n" + concatStringsSep "" (genList package 4500);
  document = fromTOML text;
in
[ (stringLength text) (length document.package) (foldl' (sum: p: sum + p.metadata.features.size) 0 document.package) (hashString "sha256" (toJSON document)) ]
