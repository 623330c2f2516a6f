# Strings with values in them: short ones, indented ones of many lines, long ones grown piece by piece.
# goal: 1.0
let
  inherit (builtins) concatStringsSep foldl' genList hashString stringLength;
  script = name: i: flags: ''
    set -e
    echo "building ${name} (${toString i})"
    for flag in ${concatStringsSep " " flags}; do
      ./configure --prefix=/opt/${name}-${toString i} "$flag" ''${EXTRA:-}
    done
    make -j${toString (i / 2)} install
  '';
  one = i: let name = "package-${toString i}"; in script name i [ "--enable-${name}" "--with-x=${toString (i + 1)}" ];
  short = i: "${toString i}:${"a" + "b"}/" + "c" + toString (i + 1);
  grown = foldl' (text: i: text + "${toString i},") "" (genList (i: i) 8000);
in
[ (hashString "sha256" (concatStringsSep "" (genList one 75000)))
  (foldl' (sum: i: sum + stringLength (short i)) 0 (genList (i: i) 400000))
  (hashString "sha256" grown) ]
