# sort with a comparison in Nix and with lessThan, of numbers, strings and lists; sorted input and shuffled.
# goal: 0.6
let
  inherit (builtins) elemAt genList head lessThan map sort;
  rest = n: x: x - x / n * n;
  numbers = genList (i: rest 100003 (i * 7919)) 80000;
  records = map (x: { key = rest 5003 x; inherit x; }) numbers;
  byKey = sort (a: b: if a.key == b.key then a.x > b.x else a.key < b.key) records;
  strings = sort lessThan (map (x: "item ${toString x}") numbers);
  lists = sort (a: b: a < b) (map (x: [ (rest 10 x) (rest 100 x) x ]) (genList (elemAt numbers) 12000));
  sorted = sort (a: b: a < b) (sort lessThan numbers);
in
[ (elemAt byKey 777).x (elemAt byKey 20000).x (elemAt strings 12345) (elemAt lists 3000) (head sorted) (elemAt sorted 79999) ]
