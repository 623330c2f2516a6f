builtins.toXML { i = 1; f = 1.5; s = "s"; t = true; n = null; l = [ 1 [ ] ]; p = /a/b; a = { }; }
