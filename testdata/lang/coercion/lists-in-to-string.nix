[ (toString [ 1 "a" true false null [ 2 [ 3 ] ] { outPath = "/o"; } ]) (toString [ ]) (toString [ [ ] ]) (toString [ [ ] "a" [ [ ] ] "b" ]) ]
