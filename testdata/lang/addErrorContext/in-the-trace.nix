# test: stderr
builtins.addErrorContext "while doing it" (throw "broken")
