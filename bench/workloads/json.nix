# fromJSON and toJSON of a document with nested lists, sets, numbers, escapes.
# goal: 1.0
let
  inherit (builtins) foldl' fromJSON genList hashString length stringLength toJSON;
  item = i: {
    id = i;
    name = "item \"${toString i}\"\n";
    ratio = i / 8.0;
    tags = [ "a" "b\\c" null true false ];
    nested = { deep = { deeper = [ [ ] { } [ i ] ]; }; };
  };
  text = toJSON { items = genList item 12000; version = 1; };
  rounds = genList (i: fromJSON text) 6;
  check = sum: document: sum + length document.items + (foldl' (a: b: a + b.id) 0 document.items);
in
[ (stringLength text) (hashString "sha256" (toJSON rounds)) (foldl' check 0 rounds) ]
