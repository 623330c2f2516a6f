let n = "q"; s = { q = true; }; in assert !("x${n}y" != "" && /a/b != null && s.${n} or false && s.q or true && ''i'' == "i" && rec { z = 1; inherit n; inherit (s) q; } ? z); 0
