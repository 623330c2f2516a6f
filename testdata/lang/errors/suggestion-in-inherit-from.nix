let s = { hello = 1; }; in { inherit (s) helo; }
