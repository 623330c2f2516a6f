# match and split: few patterns on many strings, groups, alternatives, brackets.
# goal: 1.0
let
  inherit (builtins) elemAt filter foldl' genList head isString length match split;
  lines = genList (i: "  key-${toString i} = \"value ${toString (i * 7)}\"; # note ${toString (i / 3)}") 30000;
  parse = match "[ \t]*([a-zA-Z_][a-zA-Z0-9_-]*)[ ]*=[ ]*\"([^\"]*)\";.*";
  pairs = map parse lines;
  urls = genList (i: "https://mirror${toString i}.example.org:80${toString (i - i / 10 * 10)}/pool/main/p${toString i}-1.${toString i}.tar.gz") 20000;
  url = match "(https?|ftp)://([^/:]+)(:([0-9]+))?(/.*)?";
  file = match ".*/([a-z]+)([0-9]+)-([0-9.]+)\\.(tar\\.gz|tar\\.xz|zip)";
  words = line: filter isString (split "[^a-z0-9]+" line);
in
[ (foldl' (sum: p: sum + builtins.stringLength (elemAt p 1)) 0 pairs)
  (foldl' (sum: u: sum + builtins.stringLength (elemAt (url u) 1) + length (file u)) 0 urls)
  (elemAt (file (elemAt urls 1234)) 2)
  (foldl' (sum: line: sum + length (words line)) 0 lines)
  (length (filter (line: match ".*(7|13)\";.*" line == null) lines))
  (head (elemAt pairs 29999)) ]
