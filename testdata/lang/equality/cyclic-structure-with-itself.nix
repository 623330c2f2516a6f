let a = { x = a; }; in { v = a; } == { v = a; }
