let a = { x = a; }; in builtins.toXML a
