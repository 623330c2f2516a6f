map builtins.toJSON [ { outPath = "/o"; a = 1; } { __toString = self: "s${self.a}"; a = "1"; } { outPath = { x = 1; }; } ]
