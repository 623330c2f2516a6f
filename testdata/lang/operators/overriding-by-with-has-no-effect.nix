with { __sub = a: b: "sub"; }; 5 - 3
