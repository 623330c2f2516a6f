{ a = 1; } ? b.${throw "not reached"}
