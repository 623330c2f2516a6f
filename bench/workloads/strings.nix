# substring, stringLength, replaceStrings, concatStringsSep, splitVersion, compareVersions, hashString.
# goal: 1.0
let
  inherit (builtins) compareVersions concatStringsSep foldl' genList hashString map replaceStrings splitVersion stringLength substring;
  words = genList (i: "word${toString (i * 7919)}") 12000;
  text = concatStringsSep " " words;
  chars = genList (i: substring i 1 text) (stringLength text);
  upper = replaceStrings [ "w" "o" "r" "d" " " ] [ "W" "O" "R" "D" "\n" ] text;
  reversed = concatStringsSep "" (genList (i: substring (stringLength text - 1 - i) 1 text) (stringLength text));
  escaped = foldl' (sum: word: sum + stringLength (replaceStrings [ "1" "\"" "or" ] [ "one" "\\\"" "and" ] word)) 0 (words ++ words ++ words);
  versions = map (i: "${toString (i / 100)}.${toString (i - i / 10 * 10)}-pre${toString i}") (genList (i: i) 100000);
  newer = foldl' (best: v: if compareVersions v best > 0 then v else best) "0" versions;
  parts = foldl' (sum: v: sum + builtins.length (splitVersion v)) 0 versions;
  digest = foldl' (digest: word: hashString "sha256" (digest + word)) "" (words ++ words ++ words);
in
[ (hashString "md5" (concatStringsSep "" chars)) (hashString "sha1" upper) (hashString "sha512" reversed) escaped newer parts digest ]
