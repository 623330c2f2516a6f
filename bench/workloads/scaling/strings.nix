# A string of n pieces: put together, split, replaced in, matched, hashed; written as JSON and read again.
{ n, repeat }:
let
  inherit (builtins) concatStringsSep foldl' fromJSON genList hashString length replaceStrings split stringLength toJSON;
  once = round:
    let
      pieces = genList (i: "piece-${toString (i * 31 + round)}") n;
      text = concatStringsSep ";" pieces;
      parts = split ";" text;
      replaced = replaceStrings [ "piece" "1" ] [ "p" "one" ] text;
      again = fromJSON (toJSON pieces);
    in
    length parts + stringLength replaced + length again + stringLength (hashString "sha256" text);
in
foldl' (sum: round: sum + once round) 0 (genList (i: i) repeat)
