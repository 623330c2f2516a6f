let mk = n: deps: derivation { name = n; system = "x"; builder = "b"; inherit deps; }; a = mk "a" [ ]; b = mk "b" [ a ]; c = mk "c" [ a b ]; in map (d: d.outPath) [ a b c ]
