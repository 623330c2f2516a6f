let s = { a = throw "x"; }; in { inherit s; } == { inherit s; }
